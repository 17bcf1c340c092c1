"""Markdown tables."""


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
    ordered = sorted(values)
    middle = ordered[len(ordered) // 2]
    return f"{form.format(middle)} ({form.format(ordered[0])}…{form.format(ordered[-1])})"
