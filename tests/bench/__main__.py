"""Every benchmark in one run: ``make bench``."""

from tests.bench import (
    bench_acts,
    bench_calendar,
    bench_facts,
    bench_import,
    bench_pages,
    bench_questions,
    bench_search,
)

bench_calendar.main()
bench_import.main()
bench_facts.main()
bench_pages.main()
bench_questions.main()
bench_search.main()
bench_acts.main()
