"""Markdown tables."""

import statistics


def show(title, columns, rows, *notes):
    print(f"\n### {title}\n")
    print("| " + " | ".join(columns) + " |")
    print("|" + " --- |" * len(columns))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    for note in notes:
        print("\n" + note)
    print(flush=True)


def percent(share):
    return f"{100 * share:.0f} %"


def median_and_spread(values, form="{:.2f}"):
    middle = form.format(statistics.median(values))
    return f"{middle} ({form.format(min(values))}…{form.format(max(values))})"
