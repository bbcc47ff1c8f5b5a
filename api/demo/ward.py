"""The beds of the demo ward."""

from api.demo.course import COURSE
from api.demo.events import Felt, Given, Ordered, Reading, Stay

WARD: tuple[Stay, ...] = (
    Stay(
        bed=1,
        length="2+00:00",
        about="Second day of clonidine, as it should go.",
        events=(
            Reading("0+00:00", "138/86", 84),
            Ordered("0+00:20", (("0+00:30", "3+00:30", "0.1", 6), ("3+00:30", "5+00:30", "0.1", 12))),
            *(Given(f"{hour // 24}+{hour % 24:02}:30", "0.1") for hour in range(0, 48, 6)),
            *(Reading(f"{hour // 24}+{hour % 24:02}:30", "126/80", 72) for hour in range(2, 48, 4)),
            Reading("1+23:50", "124/78", 70),
        ),
    ),
    Stay(
        bed=2,
        length="0+08:00",
        about="First day: dizzy on standing up.",
        events=(
            Reading("0+00:00", "132/84", 80),
            Ordered("0+00:20", (("0+00:30", "4+00:30", "0.1", 6),)),
            Given("0+00:30", "0.1"),
            Reading("0+01:30", "124/80", 74),
            Given("0+06:30", "0.1"),
            Reading("0+07:40", "126/78", 68, "lying"),
            Reading("0+07:43", "98/64", 84, "standing"),
            Felt("0+07:44", "dizziness", "moderate"),
        ),
    ),
    COURSE,
    Stay(
        bed=4,
        length="1+06:00",
        about="Clonidine stopped yesterday: pressure rebounds, with a severe headache.",
        events=(
            Reading("0+00:00", "128/80", 72),
            Reading("1+05:10", "186/118", 102),
            Reading("1+05:30", "190/122", 106),
            Felt("1+05:35", "headache", "severe"),
            Reading("1+05:50", "182/114", 100),
        ),
    ),
    Stay(
        bed=5,
        length="0+02:00",
        about="An order of 0.4 mg that waits for its prescriber.",
        events=(
            Reading("0+00:10", "142/90", 88),
            Ordered("0+01:00", (("0+02:00", "4+02:00", "0.4", 6),)),
            Reading("0+01:45", "140/88", 86),
        ),
    ),
    Stay(
        bed=6,
        length="0+00:40",
        about="Just admitted: baseline, no order yet.",
        events=(Reading("0+00:05", "156/96", 98), Reading("0+00:30", "152/94", 94)),
    ),
    Stay(
        bed=7,
        length="1+12:00",
        about="Slow pulse all morning: an episode that pages once an hour.",
        events=(
            Reading("0+00:00", "134/84", 70),
            Ordered("0+00:20", (("0+00:30", "4+00:30", "0.2", 8),)),
            *(Given(f"{hour // 24}+{hour % 24:02}:30", "0.2") for hour in range(0, 36, 8)),
            Reading("0+12:00", "122/78", 58),
            *(
                Reading(f"1+{9 + at // 60:02}:{at % 60:02}", "116/74", 47 + at % 2)
                for at in range(0, 180, 25)
            ),
        ),
    ),
)
