"""The goals of a tree in one row, each before its own parts: what every walk, look-up and roll-up reads."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from perfkit._goals.definition import Goal, Period
from perfkit.errors import GoalTreeError, did_you_mean


@frozen(eq=False)
class GoalIndex:
    """Goals by place, each before its own parts.

    Attributes:
        goals: the goals.
        places: the place of each id.
        above: the place of the goal above each; -1 at the top.
        below: the places of the goals below each.
    """

    goals: tuple[Goal, ...]
    places: Mapping[str, int]
    above: tuple[int, ...]
    below: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, roots: tuple[Goal, ...]) -> GoalIndex:
        """The index of goals and all that is below them.

        Raises:
            GoalTreeError: for an id used twice.
        """
        goals: list[Goal] = []
        above: list[int] = []
        below: list[list[int]] = []
        waiting = [(root, -1) for root in reversed(roots)]
        while waiting:
            goal, parent = waiting.pop()
            place = len(goals)
            goals.append(goal)
            above.append(parent)
            below.append([])
            if parent >= 0:
                below[parent].append(place)
            waiting.extend((child, place) for child in reversed(goal.children))
        places = {goal.id: place for place, goal in enumerate(goals)}
        if len(places) < len(goals):
            twice = next(goal.id for place, goal in enumerate(goals) if places[goal.id] != place)
            raise GoalTreeError(f"ids of goals must differ (got {twice!r} twice)", path=twice)
        return cls(tuple(goals), places, tuple(above), tuple(map(tuple, below)))

    def place(self, id: str) -> int:
        """The place of a goal.

        Raises:
            GoalTreeError: if no goal has the id.
        """
        if id not in self.places:
            raise GoalTreeError(f"no goal is called {id!r}{did_you_mean(str(id), self.places)}", path=str(id))
        return self.places[id]

    def line(self, id: str) -> tuple[Goal, ...]:
        """A goal and each goal above it."""
        place, line = self.place(id), []
        while place >= 0:
            line.append(self.goals[place])
            place = self.above[place]
        return tuple(line)

    def period_of(self, id: str) -> Period | None:
        """The period of a goal: its own, or that of the nearest goal above that has one."""
        return next((goal.period for goal in self.line(id) if goal.period is not None), None)
