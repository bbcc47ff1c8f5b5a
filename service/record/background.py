"""The background: what is known of a patient beside readings and treatment."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from service.record.facts import Allergy, Condition, Fact, Goal, Medicine, Person


class Background(NamedTuple):
    """Conditions, allergies, other medicines and Goals, sorted by key, and who the patient is."""

    conditions: tuple[Condition, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    medicines: tuple[Medicine, ...] = ()
    person: Person | None = None
    goals: tuple[Goal, ...] = ()

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> "Background":
        """From facts of these kinds among others, in any order."""
        held = sorted(facts, key=lambda fact: fact.key)
        return cls(
            tuple(fact for fact in held if isinstance(fact, Condition)),
            tuple(fact for fact in held if isinstance(fact, Allergy)),
            tuple(fact for fact in held if isinstance(fact, Medicine)),
            next((fact for fact in held if isinstance(fact, Person)), None),
            tuple(fact for fact in held if isinstance(fact, Goal)),
        )

    def changed(self, changes: Mapping[str, Fact | None]) -> "Background":
        """With every fact of `changes`, by source, in the place of what it was."""
        held: list[Fact] = [*self.conditions, *self.allergies, *self.medicines, *self.goals]
        held += [self.person] if self.person else []
        kept = [fact for fact in held if fact.source not in changes]
        return Background.of(kept + [fact for fact in changes.values() if fact])
