"""`python -m bench`: run the measurements and print each goal, what was measured and the verdict."""

import argparse
import gc
import os
import sys

from bench import report
from bench.contest import Contest, Turns, run
from bench.measures import CONTESTS
from bench.stage import Stage

NAMES = [contest.name for contest in CONTESTS]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("contests", nargs="*", metavar="NAME", help=f"only these of: {', '.join(NAMES)}")
    parser.add_argument(
        "--rounds", type=int, default=3, help="turns of each contestant (default %(default)s)"
    )
    parser.add_argument("--seconds", type=float, default=3.0, help="length of a turn (default %(default)s)")
    parser.add_argument("--patients", type=int, default=200, help="of the ward (default %(default)s)")
    parser.add_argument("--quick", action="store_true", help="one short round, 20 patients: does it all run?")
    parser.add_argument("--scale", type=float, metavar="MILLIONS", help="also on a store of so many readings")
    parser.add_argument(
        "--write", action="store_true", help="write the tables into docs/reference/performance.md"
    )
    options = parser.parse_args()
    if unknown := sorted(set(options.contests) - set(NAMES)):
        parser.error(f"no such measurement: {', '.join(unknown)}; there are {', '.join(NAMES)}")
    if options.quick:
        options.rounds, options.seconds, options.patients = 1, 1.0, 20
    return options


def chosen(options: argparse.Namespace) -> list[Contest]:
    if options.contests:
        return [contest for contest in CONTESTS if contest.name in options.contests]
    return [contest for contest in CONTESTS if not contest.on_request or options.scale]


def say(words: str) -> None:
    print(f"  {words}", file=sys.stderr, flush=True)


def measure(options: argparse.Namespace) -> list[Turns]:
    gc.disable()  # a collection here would be a latency there
    with Stage(options.seconds, options.patients, options.scale or 1.0) as stage:
        return [run(contest, stage, options.rounds, say) for contest in chosen(options)]


def main() -> int:
    options = arguments()
    turns = measure(options)
    print(report.text(report.goals(turns)), report.text(report.absolute(turns)), sep="\n\n")
    for trouble in report.troubles(turns):
        print(f"\nNot measured: {trouble}")
    if options.write:
        how = f"{os.cpu_count()} cores, {options.rounds} rounds of {options.seconds:g} s"
        report.write(turns, f"{how}, {options.patients} patients with 150 facts each")
    return 1 if report.troubles(turns) else 0


if __name__ == "__main__":
    sys.exit(main())
