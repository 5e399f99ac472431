"""What findings say: a sentence for each code, with parameters in braces, in English and in German."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        "cliff": "pay leaps by {size} at {column} = {at}",
        "falls": "pay falls by {size} between {column} = {at} and {until}: more result, less pay",
        "dead_zone": "pay stays at {size} from {column} = {at} to {until}",
        "unreachable_tier": "a breakpoint of {name} at {column} = {at} lies outside the range",
        "cap_never_binds": "{name} never binds in these ranges",
        "gate_never_closes": "{name} never closes in this range of {column}",
        "gate_never_opens": "{name} never opens in this range of {column}",
        "gate_alone": "{column} is read by nothing but {name}",
        "edge_gain": "moving {at} of {column} from one period to the next, from {typical} in each, gains {size}",
        "rounding_moves": "rounding of {name} to {to} moves {size} for the typical row",
        "worst_case": "the most for {people} people is {size} (proved: {proved})",
        "not_a_curve": "nothing can be proved along {column}: {why}",
        "orphan": "'{goal}' serves no other goal: put it under one, or say what it supports",
        "strategy_without_owner": "nobody owns '{goal}', which stands at the top: name an owner",
        "strategy_not_carried": "nobody owns a goal below '{goal}': name who answers for its parts",
        "unmeasurable": "'{goal}' cannot be measured: give it a target, a direction such as milestones, or parts",
        "share_left_over": "{share} of '{goal}' counts nowhere: raise its share, or say what else it contributes to",
        "concentration": "'{goal}' alone stands for {share} of '{above}', with {others} beside it: break it down",
        "tiny_weight": "'{goal}' stands for {share} of '{above}': give it more weight, or leave it out",
        "mixed_weights": (
            "'{goal}' has fixed weights of {fixed} in all and {automatic} automatic, which share what is left of 100: "
            "say weights_add_up_to, or make all weights of one kind"
        ),
        "weights_off": "the weights in '{goal}' add up to {total}, not {whole}: change one, or make one automatic",
        "weights_off_later": (
            "from {on} on the weights in '{goal}' add up to {total}, not {whole}: change another on that day"
        ),
        "measure_used_twice": "'{measure}' measures {goals}: let it count once, or break one goal down into the others",
        "target_in_noise": (
            "the target of '{goal}' is {target}, and its {count} past values vary from {low} to {high} by themselves: "
            "aim further, or narrow the variation"
        ),
        "nobodys_job": "no job answers for '{measure}', which measures {goals}: give it to one, or drop the goal",
        "job_unknown": "no job can answer for {goals}, measured without the name of a measure: name it",
        "duty_without_goal": "the job {job} answers for '{measure}', which measures no goal: set one, or drop the duty",
        "too_many_goals": "{owner} owns {count} goals, more than {most}: share some, or put them together",
        "owner_without_goals": "{owner} owns no goal: break one down to them",
    }
)

GERMAN: Mapping[str, str] = MappingProxyType(
    {
        "cliff": "die Vergütung springt um {size} bei {column} = {at}",
        "falls": "die Vergütung fällt um {size} zwischen {column} = {at} und {until}: mehr Ergebnis, weniger Vergütung",
        "dead_zone": "die Vergütung bleibt bei {size} von {column} = {at} bis {until}",
        "unreachable_tier": "ein Knick von {name} bei {column} = {at} liegt außerhalb des Bereichs",
        "cap_never_binds": "{name} greift in diesen Bereichen nie",
        "gate_never_closes": "{name} schließt in diesem Bereich von {column} nie",
        "gate_never_opens": "{name} öffnet in diesem Bereich von {column} nie",
        "gate_alone": "{column} wird nur von {name} gelesen",
        "edge_gain": (
            "{at} von {column} aus einem Zeitraum in den nächsten zu schieben, bei {typical} in jedem, bringt {size}"
        ),
        "rounding_moves": "die Rundung von {name} auf {to} bewegt {size} in der typischen Zeile",
        "worst_case": "im höchsten Fall sind es für {people} Personen {size} (bewiesen: {proved})",
        "not_a_curve": "entlang {column} lässt sich nichts beweisen: {why}",
        "orphan": "'{goal}' dient keinem anderen Ziel: unter eines stellen, oder sagen, was es trägt",
        "strategy_without_owner": "niemand verantwortet '{goal}', das ganz oben steht: jemanden benennen",
        "strategy_not_carried": "niemand verantwortet ein Ziel unter '{goal}': sagen, wer für die Teile einsteht",
        "unmeasurable": "'{goal}' ist nicht messbar: einen Zielwert, eine Richtung wie Meilensteine oder Teile angeben",
        "share_left_over": "{share} von '{goal}' zählt nirgends: den Anteil erhöhen, oder sagen, wozu es noch beiträgt",
        "concentration": "'{goal}' allein steht für {share} von '{above}', neben {others} weiteren: weiter aufteilen",
        "tiny_weight": "'{goal}' steht für {share} von '{above}': mehr Gewicht geben, oder weglassen",
        "mixed_weights": (
            "'{goal}' hat feste Gewichte von zusammen {fixed} und {automatic} automatische, die sich den Rest bis 100 "
            "teilen: weights_add_up_to angeben, oder alle Gewichte von einer Art machen"
        ),
        "weights_off": (
            "die Gewichte in '{goal}' ergeben {total} und nicht {whole}: eines ändern, oder eines automatisch machen"
        ),
        "weights_off_later": (
            "ab {on} ergeben die Gewichte in '{goal}' {total} und nicht {whole}: an diesem Tag ein weiteres ändern"
        ),
        "measure_used_twice": "'{measure}' misst {goals}: nur einmal zählen, oder ein Ziel in die anderen aufteilen",
        "target_in_noise": (
            "der Zielwert von '{goal}' ist {target}, und {count} vergangene Werte schwanken von selbst von {low} bis "
            "{high}: mehr vornehmen, oder die Schwankung verringern"
        ),
        "nobodys_job": (
            "keine Stelle steht für '{measure}' ein, das {goals} misst: einer zuordnen, oder das Ziel streichen"
        ),
        "job_unknown": "keine Stelle kann für {goals} einstehen, gemessen ohne Namen einer Messgröße: sie benennen",
        "duty_without_goal": (
            "die Stelle {job} steht für '{measure}' ein, das kein Ziel misst: eines setzen, oder die Aufgabe streichen"
        ),
        "too_many_goals": "{owner} verantwortet {count} Ziele, mehr als {most}: abgeben, oder zusammenlegen",
        "owner_without_goals": "{owner} verantwortet kein Ziel: eines dorthin aufteilen",
    }
)
