"""The benchmark of the pages asks for every page that there is."""

import re

from app.web.access import policy
from app.web.page import is_page
from tests.bench import pages

# Things that the demo has none of until somebody makes one; their pages are timed when there is one.
_NOT_IN_THE_DEMO = {"preview_id", "login", "key", "agreement"}


def test_every_name_in_the_address_of_a_page_is_one_that_the_benchmark_knows() -> None:
    unknown = []
    for route, roles in policy().items():
        method, path = route.split(" ")
        if method == "GET" and is_page(path) and "role:supervisor" in roles:
            noun = path.split("/")[1]
            names = set(re.findall(r"\{(\w+)\}", path)) - _NOT_IN_THE_DEMO
            unknown += [path for name in names if f"{noun}/{name}" not in pages._NAMES and name not in pages._NAMES]
    assert sorted(set(unknown)) == ["/claims/{reference}/correction/{form}"]  # of a correction alone


def test_the_95th_percentile_is_of_the_slowest_answers() -> None:
    page = pages.Page("/", sorted(each / 1000 for each in range(1, 31)))
    assert page.p95 == 0.029
