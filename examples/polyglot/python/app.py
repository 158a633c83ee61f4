"""Exports the interface polyglot:report/statistics, with Python's own module of that name."""

import statistics

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports.types import Summary


class Statistics(exports.Statistics):
    def summarise(self, numbers: list[float]) -> Summary:
        if len(numbers) < 2:
            raise Err("Give two numbers at least.")
        return Summary(
            count=len(numbers),
            mean=statistics.fmean(numbers),
            median=statistics.median(numbers),
            deviation=statistics.stdev(numbers),
        )
