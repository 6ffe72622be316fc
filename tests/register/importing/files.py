"""A foreign file with its mapping, and the problems of a report as rows."""

from __future__ import annotations

from datetime import UTC, datetime

from core.register.importing.importer import Report

NOW = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
MAPPING = """
source = "old_desk"
procedure = "pops"
[file]
missing = ["?"]
[time]
formats = ["%d/%m/%Y %H:%M", "%Y-%m-%dT%H:%M:%S%z"]
zone = "Asia/Ho_Chi_Minh"
[reference]
column = "number"
[columns]
recorded_at = "opened"
incident_at = "happened"
category = "topic"
channel = "via"
phone = "phone"
statement = "text"
[values.category]
"Sign in" = "login"
Money = "payment"
"""
HEADER = "number,opened,happened,topic,via,phone,text"
FINE = "1,05/10/2026 09:30,?,Money,email,0500 111222,Nạp rồi mà chưa có"


def told(report: Report) -> list[tuple[int, str, str]]:
    return [(problem.line, problem.column, problem.sentence()) for problem in report.problems]
