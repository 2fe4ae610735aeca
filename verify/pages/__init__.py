"""Reports and grades as HTML: fragments for any page, and whole pages of their own."""

from __future__ import annotations

from verify.pages.grades import grade_fragment, grades_page
from verify.pages.reports import report_fragment, reports_page

__all__ = ["grade_fragment", "grades_page", "report_fragment", "reports_page"]
