"""The tables and the verdicts."""

import statistics

from measure import median

SETS = ["hits", "nodata", "nxdomain"]
EXPECTED = {"hits": "NOERROR", "nodata": "NOERROR", "nxdomain": "NXDOMAIN"}
TITLES = {"hits": "hits", "nodata": "NODATA", "nxdomain": "NXDOMAIN"}
REFLECTOR, OURS, CHANGING, NSD, KNOT = "reflector", "clusterdns", "clusterdns, changes", "NSD", "Knot"
REFLECTOR_SHARE_MIN = 0.95
NSD_CPU_SHARE_MAX = 1.0
RESIDENT_MEGABYTES_MAX = 45
TCP_KNOT_SHARE_MIN = 1.0


def table(rows):
    """Columns as wide as their widest cell, the first to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [cell.rjust(width) if i else cell.ljust(width) for i, (cell, width) in enumerate(zip(row, widths))]
        print("  ".join(cells).rstrip())


def share(rounds, reference, figure):
    """The median of the ratio in each round, so that a slow moment of the machine hits both sides."""
    return statistics.median(getattr(a, figure) / getattr(b, figure) for a, b in zip(rounds, reference))


def ratio(results, server, other, chosen, figure):
    if server not in results or other not in results or server == other:
        return ""
    return f"{share(results[server][chosen], results[other][chosen], figure):.2f}"


def udp_tables(results):
    """Queries a second and CPU, then what else was seen."""
    head = ["UDP"]
    for name in SETS:
        head += [f"{TITLES[name]} q/s", "/reflector", "CPU µs", "/NSD"]
    rows = [head]
    for server, sets in results.items():
        row = [server]
        for name in SETS:
            middle = median(sets[name])
            row += [f"{middle.queries_per_second:,.0f}", ratio(results, server, REFLECTOR, name, "queries_per_second")]
            row += [f"{middle.cpu_us:.2f}", "" if server == REFLECTOR else ratio(results, server, NSD, name, "cpu_us")]
        rows.append(row)
    table(rows)
    print()
    head = ["UDP"]
    for name in SETS:
        head += [f"{TITLES[name]} lost", "latency µs", "bytes", "rcodes"]
    rows = [head]
    for server, sets in results.items():
        row = [server]
        for name in SETS:
            middle = median(sets[name])
            row += [f"{middle.lost_share:.2%}", f"{middle.latency_us:,.0f}", f"{middle.response_bytes:.0f}"]
            row += ["any" if server == REFLECTOR else rcodes(middle)]
        rows.append(row)
    table(rows)


def tcp_table(results):
    rows = [["TCP, pipelined, hits", "q/s", "/Knot", "CPU µs", "/Knot", "latency µs", "lost", "rcodes"]]
    for server, sets in results.items():
        middle = median(sets["hits"])
        row = [server, f"{middle.queries_per_second:,.0f}", ratio(results, server, KNOT, "hits", "queries_per_second")]
        row += [f"{middle.cpu_us:.2f}", ratio(results, server, KNOT, "hits", "cpu_us")]
        rows.append(row + [f"{middle.latency_us:,.0f}", f"{middle.lost_share:.2%}", rcodes(middle)])
    table(rows)


def rcodes(round_):
    return " ".join(f"{name} {part:.0f}%" for name, part in round_.rcodes.items())


def wrong_answers(results):
    """Rounds that measured something else than was wanted: a benchmark must not measure errors."""
    for server, sets in results.items():
        for name, rounds in sets.items():
            for one in rounds if server != REFLECTOR else []:
                if one.rcodes != {EXPECTED[name]: 100.0}:
                    yield f"{server}, {name}: expected only {EXPECTED[name]}, got {rcodes(one) or 'no answers'}"


def verdicts(udp, tcp, resident_megabytes, changes):
    """(sentence, met) for each bound."""
    for server in (OURS, CHANGING):
        if server not in udp:
            continue
        for name in SETS:
            speed = share(udp[server][name], udp[REFLECTOR][name], "queries_per_second")
            yield f"{server}: {TITLES[name]} at {speed:.3f} of the reflector's q/s (at least {REFLECTOR_SHARE_MIN})", (
                speed >= REFLECTOR_SHARE_MIN
            )
            if NSD in udp:
                cpu = share(udp[server][name], udp[NSD][name], "cpu_us")
                yield f"{server}: {TITLES[name]} at {cpu:.3f} of NSD's CPU per query (at most {NSD_CPU_SHARE_MAX})", (
                    cpu <= NSD_CPU_SHARE_MAX
                )
    if OURS in tcp and KNOT in tcp:
        speed = share(tcp[OURS]["hits"], tcp[KNOT]["hits"], "queries_per_second")
        yield f"TCP at {speed:.3f} of Knot's q/s (at least {TCP_KNOT_SHARE_MIN})", speed >= TCP_KNOT_SHARE_MIN
    if OURS in resident_megabytes:
        size = resident_megabytes[OURS]
        yield f"{size:.1f} MB resident (at most {RESIDENT_MEGABYTES_MAX})", size <= RESIDENT_MEGABYTES_MAX
    if changes:
        arrived, asked, rate, wanted = changes
        yield f"{rate:.0f} endpoint changes a second ran (wanted {wanted})", rate >= 0.95 * wanted
        yield f"{arrived} of the last {asked} changes are answered", arrived == asked
