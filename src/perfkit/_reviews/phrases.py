"""The words of briefs and levers in English, by code; an application translates them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from perfkit.explain import value_text

# The parameters of each code stand in braces.
ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        "brief": "{person}, {as_of}",
        "brief_employee": "{person}, {as_of} (for {person})",
        "lever_reached": "{of} of {wanted} is reached: it is {now}",
        "lever_wanted": "{of} is {now}; for {wanted}",
        "lever_any": "any one of these is enough, all else as it is:",
        "lever_short": "not enough alone:",
        "lever_best": "at best",
        "lever_gives": "gives {outcome}",
        "lever_to": "to",
        "lever_rate": "{rate} a day",
        "lever_so_far": "{rate} so far",
        "lever_cheapest": "the cheapest together, at {cost}:",
        "lever_cheapest_found": "the cheapest found together, at {cost}:",
        "lever_none": "nothing is enough: with all of them at best it is {all_at_best}",
        "lever_several": "it takes several together: with all of them at best it is {all_at_best}",
        "sensitivity_more_score": "{percent} percent more of {label} is worth {effect} of score",
        "sensitivity_less_score": "{percent} percent less of {label} is worth {effect} of score",
        "sensitivity_more_rating": "{percent} percent more of {label} is worth {effect} levels",
        "sensitivity_less_rating": "{percent} percent less of {label} is worth {effect} levels",
        "sensitivity_more_amount": "{percent} percent more of {label} is worth {effect}",
        "sensitivity_less_amount": "{percent} percent less of {label} is worth {effect}",
        "goals": "Goals",
        "moved": "What moved",
        "signals": "Signal or noise",
        "levers": "What it would take",
        "commitments": "Commitments: {fulfilled} of {due} that were due are fulfilled",
        "commitments_none_due": "Commitments",
        "reasons": "Reasons",
        "gap": "Self and manager",
        "surprises": "Against the last forecast",
        "questions": "Questions",
        "statement": "Statement",
        "goal_at": "{progress} of the way, {expected} expected",
        "goal_at_undated": "{progress} of the way",
        "goal_not_observed": "not observed",
        "goal_forecast": "heading for {value}",
        "goal_forecast_range": "heading for {value} ({low} to {high} at {level})",
        "goal_rate": "{rate} a day needed, {so_far} so far",
        "moved_line": "{kind}: {label}",
        "history_signal": "a signal: {signals}",
        "history_noise": "noise: within {lower} to {upper}",
        "history_too_few": "too few values to tell",
        "history_no_variation": "no variation",
        "signal_at": "{rule} {side}, value {place}",
        "signal_on": "{rule} {side}, {day}",
        "rule_beyond_limits": "beyond the limits",
        "rule_run_of_8": "eight in a row on one side",
        "rule_run_of_9": "nine in a row on one side",
        "rule_trend_of_6": "six in a row in one direction",
        "rule_zigzag_of_14": "fourteen up and down in turn",
        "rule_two_of_three": "two of three beyond two sigma",
        "rule_four_of_five": "four of five beyond one sigma",
        "rule_three_of_four": "three of four nearer to a limit than to the centre",
        "rule_fifteen_within": "fifteen in a row within one sigma",
        "rule_eight_apart": "eight in a row beyond one sigma on either side",
        "rule_moving_range": "a leap",
        "side_above": "above",
        "side_below": "below",
        "side_up": "upwards",
        "side_down": "downwards",
        "side_none": "",
        "commitment_fulfilled": "fulfilled on {fulfilled_on}",
        "commitment_fulfilled_late": "fulfilled on {fulfilled_on}, due on {due}",
        "commitment_open": "due on {due}",
        "commitment_overdue": "overdue since {due}",
        "side_employee": "employee",
        "side_manager": "manager",
        "reason_target": "the target",
        "reason_resource": "resources",
        "reason_process": "the process",
        "reason_dependency": "others it depends on",
        "reason_external": "something external",
        "reason_skill": "skill",
        "reason_effort": "effort",
        "reason_other": "other",
        "gap_none": "both see it alike, at {manager}",
        "gap_of": "{employee} as the employee sees it, {manager} as the manager does",
        "surprise": "{actual}, where {expected} was forecast",
        "surprise_inside": "{actual}, within the {low} to {high} that was forecast",
        "surprise_outside": "{actual}, outside of the {low} to {high} that was forecast",
        "disputed": "disputed: {about}",
        "disputed_answered": "disputed: {about}; answered on {answered_on}",
        "said": "{by} on {on}",
        "ask_goal_behind": "What stands in the way of {label}? It is at {progress}, where {expected} was expected.",
        "ask_goal_missed": "What kept {label} at {progress}, and what of it will be so next year?",
        "ask_goal_unobserved": "Nobody has observed {label} yet: who will, and when?",
        "ask_goal_ahead": "{label} is far ahead: what works there that others could use?",
        "ask_fell": "{label} took {amount}: what happened there?",
        "ask_rose": "{label} brought {amount}: what made the difference?",
        "ask_target_moved": "The target of {label} moved, which is {amount} by itself: was that agreed beforehand?",
        "ask_rules_moved": "The rules for {label} changed, which is {amount} by itself: is it known to both?",
        "ask_missing": "{label} was not observed on both sides: can it be?",
        "ask_signal": "{label} shows a signal ({rule}): what changed?",
        "ask_noise": "{label} moved within its natural limits: is there anything to explain?",
        "ask_out_of_reach": "{wanted} cannot be reached any more: what is the next best aim?",
        "ask_overdue": "{owner} wanted to '{what}' by {due}: what is in the way?",
        "ask_reasons_differ": "For {label} the employee says {employee}, the manager {manager}: what would settle it?",
        "ask_no_reason": "{label} fell: what do both sides see as the reason?",
        "ask_gap": "Both see {label} differently, by {amount}: on which facts does each rely?",
        "ask_surprise": "{label} came out at {actual}, where {expected} was forecast: when could we have known?",
        "ask_dispute": "{about} is disputed: who looks into it, and by when?",
    }
)


class _Shown(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "{" + name + "}"


def phrase(code: str, params: Mapping[str, Any], catalogue: Mapping[str, str] = ENGLISH) -> str:
    """A code in words; the code itself where the catalogue has none."""
    template = catalogue.get(code)
    if template is None:
        return code
    return template.format_map(_Shown({name: value_text(value) for name, value in params.items()}))
