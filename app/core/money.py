"""Money is whole cents in Python ints (law 4); this is how a sentence shows them."""


def euros(cents: int) -> str:
    """`cents` in a sentence: -123456 is `EUR -1234.56`. Made from integers, so exact at any size."""
    whole, rest = divmod(abs(cents), 100)
    return f"EUR {'-' if cents < 0 else ''}{whole}.{rest:02d}"
