"""Bed 3: five days on clonidine in which everything happens that a rule looks for."""

from api.demo.events import Event, Felt, Given, Held, Ordered, Reading, Scored, Stay

_DAY_1: tuple[Event, ...] = (
    Reading("0+00:00", "152/94", 92),
    Reading("0+00:30", "148/92", 88),
    Ordered(
        "0+00:40",
        (
            ("0+01:00", "1+01:00", "0.1", 6),
            ("1+01:00", "2+13:00", "0.2", 6),
            ("2+13:00", "4+08:00", "0.1", 6),  # taper-too-steep, and at its end abrupt-discontinuation
        ),
    ),
    Scored("0+00:50", 11),
    Given("0+01:00", "0.1"),
    Reading("0+02:00", "142/90", 84),
    Scored("0+05:00", 6),
    Given("0+07:00", "0.1"),
    Reading("0+08:00", "138/86", 80),
    Scored("0+12:00", 14),  # withdrawal-severity, withdrawal-rising: so the dose is raised on the next day
    Given("0+13:00", "0.1"),
    Reading("0+14:00", "14/9", 78, unit="cm[Hg]"),  # unparseable-vital: typed in a unit that nobody uses here
    Reading("0+14:10", "136/84", 78),
    Given("0+19:00", "0.1"),
    Reading("0+20:00", "72/134", 76),  # implausible-vital: systolic and diastolic exchanged
    Reading("0+20:05", "134/82", 76),
)
_DAY_2: tuple[Event, ...] = (
    Given("1+01:00", "0.2"),
    Reading("1+02:00", "116/78", 66),  # bp-drop-from-baseline: 23 % below 150/93
    Reading("1+03:00", "130/80", 64, "lying"),
    Reading("1+03:03", "106/72", 76, "standing"),  # orthostatic-hypotension
    Felt("1+03:05", "dizziness", "moderate"),  # dizziness
    Felt("1+08:05", "dry-mouth", "mild"),  # dry-mouth
    Given("1+07:00", "0.2"),
    Reading("1+08:00", "122/80", 58),
    Reading("1+12:40", "120/78", 46),  # bradycardia, hold-dose-advised
    Given("1+13:00", "0.2"),  # dose-given-despite-hold
    Reading("1+15:30", "122/78", 47),
    Reading("1+18:30", "124/80", 62),
    Given("1+19:00", "0.4"),  # single-dose-exceeded: two doses at once
    Given("1+21:00", "0.3"),  # daily-dose-exceeded: given again at the change of shift
    Reading("1+21:30", "86/58", 52),  # hypotension
    Reading("1+22:00", "76/38", 38),  # hypotension-severe, bradycardia-severe
    Felt("1+22:05", "syncope", "present"),  # syncope, symptomatic-hypotension
    Felt("1+22:10", "drowsiness", "severe"),  # sedation
    Reading("1+22:20", "78/42", 44),
    Reading("1+22:50", "84/54", 50),
    Reading("1+23:30", "92/62", 54),
)
_DAYS_3_AND_4: tuple[Event, ...] = (
    Held("2+01:00"),
    Reading("2+01:00", "98/66", 58),
    Held("2+07:00"),
    Reading("2+06:40", "108/70", 60),
    Given("2+13:00", "0.1"),
    Reading("2+14:00", "126/80", 66),
    Given("2+19:00", "0.1"),
    Reading("2+20:00", "128/82", 66),
    Given("3+01:00", "0.1"),
    Reading("3+02:00", "124/80", 64),
    Given("3+07:00", "0.1"),
    Reading("3+08:00", "128/80", 66),
    Given("3+13:00", "0.1"),
    Reading("3+14:00", "130/82", 68),
)
_DAY_5: tuple[Event, ...] = (
    # The patient was away on leave without tablets: missed-dose, dose-gap-rebound-risk, and the pressure rebounds.
    Scored("4+18:50", 15),
    Reading("4+19:00", "166/98", 96),  # withdrawal-hypertension, autonomic-surge
    Reading("4+21:00", "184/112", 104),  # hypertensive-crisis, rebound-hypertension
    Reading("4+21:20", "188/116", 106),  # again: critical
    Felt("4+21:25", "headache", "severe"),
    Given("4+21:30", "0.1"),
    Reading("4+22:30", "168/100", 92),
    Reading("4+23:40", "146/90", 84),
)

COURSE = Stay(
    bed=3,
    length="5+00:00",
    about="Five days of clonidine; every rule that they can show has had its turn.",
    events=(*_DAY_1, *_DAY_2, *_DAYS_3_AND_4, *_DAY_5),
)
