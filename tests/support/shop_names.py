"""Halo's names of the fields of `tests.support.shop.Order`, in JSON."""

ORDER_NAMES = ["id", "self", "summary", "datetime", "holidays", "first_line", "lines", "grid", "by_code"]
