"""From method and path to an operation: which ones there are, and finding one quickly."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ..application.route import Route, Routes
from ..errors import ErrorCode
from ..record import record
from .refusal import Refused

__all__ = ["Match", "Router", "unknown_url"]

_NO_SUCH_METHOD: Final = "Requested HTTP method is not supported by this URL endpoint"

_Methods = dict[str, tuple[Route, tuple[str, ...]]]
"""The routes of one path by method, each with the names in its braces."""


@record
class Match:
    """The route of a request, and the parameters in its path."""

    route: Route
    params: dict[str, str]


class Router:
    """Finds routes by the segments of their paths.

    :param held: what the front end answers itself.
    :param routes: what the workers answer.
    """

    def __init__(self, held: Iterable[Route], routes: Routes) -> None:
        self._held = _Shapes(held)
        self._routes = routes
        self._shapes: dict[tuple[str, ...], _Shapes] = {}

    def load(self) -> None:
        """Make all routes now, so that no request waits for it."""
        for route in self._routes:
            self._shapes_at(tuple(route.url.split("/")[1:4]))

    def match(self, method: str, segments: tuple[str, ...]) -> Match:
        """The route of a request. HEAD takes GET's, unless that changes something.

        Raises :class:`.Refused`: 9006 (404) for an unknown path, 9007 (405) for a known one
        that has no such method.
        """
        shapes = self._shapes_at(segments[:3]) if len(segments) >= 3 else self._held
        return shapes.match(method, segments)

    def _shapes_at(self, words: tuple[str, ...]) -> _Shapes:
        shapes = self._shapes.get(words)
        if shapes is None:
            first, version, word = words
            routes = self._routes.at(first, version, word)
            if not routes:
                raise unknown_url()
            shapes = self._shapes[words] = _Shapes(routes)
        return shapes


class _Shapes:
    """Some routes by their segments.

    Paths of one *shape* (so many segments, names in braces at these places) share a dict on
    their fixed segments. Shapes with fewer names are tried first.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self._shapes: dict[int, dict[tuple[int, ...], dict[tuple[str, ...], _Methods]]] = {}
        for route in routes:
            self._add(route)
        for shapes in self._shapes.values():
            ordered = sorted(shapes.items(), key=lambda item: len(item[0]))
            shapes.clear()
            shapes.update(ordered)

    def _add(self, route: Route) -> None:
        segments = [segment for segment in route.url.split("/") if segment]
        places = tuple(i for i, segment in enumerate(segments) if segment.startswith("{"))
        fixed = tuple(segment for i, segment in enumerate(segments) if i not in places)
        shapes = self._shapes.setdefault(len(segments), {}).setdefault(places, {})
        methods = shapes.setdefault(fixed, {})
        names = tuple(segments[i][1:-1] for i in places)
        methods[route.method] = (route, names)
        if route.method == "GET" and not route.changes:
            methods["HEAD"] = (route, names)

    def match(self, method: str, segments: tuple[str, ...]) -> Match:
        allowed: set[str] = set()
        for places, paths in self._shapes.get(len(segments), {}).items():
            fixed = segments
            for place in reversed(places):
                fixed = fixed[:place] + fixed[place + 1 :]
            methods = paths.get(fixed)
            if methods is None:
                continue
            found = methods.get(method)
            if found is not None:
                route, names = found
                return Match(
                    route,
                    {name: segments[place] for name, place in zip(names, places, strict=True)},
                )
            allowed.update(methods)
        if not allowed:
            raise unknown_url()
        methods_told = ", ".join(sorted(allowed))
        raise Refused(_NO_SUCH_METHOD, ErrorCode.URL_METHOD, headers={"Allow": methods_told})


def unknown_url() -> Refused:
    return Refused.of(ErrorCode.URL_UNKNOWN)
