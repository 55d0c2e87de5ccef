"""How lists and pages write numbers: without trailing zeros, as short as what they say allows."""

from decimal import Decimal

UNKNOWN = "—"


def short(number: Decimal | float | None, places: int = 2) -> str:
    """Points and costs: 3, 0.5, 34, 1,000; `—` where it is not known."""
    if number is None:
        return UNKNOWN
    if isinstance(number, float):
        number = Decimal(repr(number))
    if abs(number) >= 100:
        return f"{number:,.0f}"
    return f"{number:.{places}f}".rstrip("0").rstrip(".") if number % 1 else f"{number:.0f}"


def density(value: float) -> str:
    """Value per point of size, with one decimal; two below 1, where one would say nothing."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 1 or value == 0 else f"{value:.2f}"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 11th."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"


def counted(number: int, *, most: int) -> str:
    """A total that stops counting: `10,000+`."""
    return f"{most:,}+" if number > most else f"{number:,}"


def percent(share: float) -> str:
    """A share of 1 in whole percent; what is there and would round to nothing is less than one."""
    return "<1 %" if 0 < share < 0.005 else f"{share * 100:.0f} %"
