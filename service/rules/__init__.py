"""The clinical rules, one a file. Adding one is its file and its line here.

A rule that suppresses a lower rung stands before it.
"""

from service.rules import hypotension
from service.rules.rule import Rule

RULES: tuple[Rule, ...] = (hypotension.RULE,)
BY_ID = {rule.id: rule for rule in RULES}
