"""Every benchmark in one run: ``make bench``."""

from tests.bench import bench_calendar, bench_pages, bench_search

bench_calendar.main()
bench_pages.main()
bench_search.main()
