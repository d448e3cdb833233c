"""Measures what a user waits for, as ratios within one run.

    python benchmarks/bench.py [ROOT] [--runs N]

ROOT defaults to the example repository. Everything is a whole process, cold; the two sides of a ratio run in turn, and the
median counts.
"""

from __future__ import annotations

import argparse
import compileall
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
FIXTURE = HERE.parent / "tests" / "fixtures" / "signet"
SIGNET_LINT = [sys.executable, "-m", "signet_lint"]


def main() -> None:
    """Run every measurement and print its ratio beside the bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", nargs="?", type=Path, default=FIXTURE)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    # As pip leaves an installation: else whoever forbids Python to write bytecode measures the compiler.
    compileall.compile_dir(HERE.parent / "signet_lint", quiet=2)
    floor = [sys.executable, str(HERE / "floor.py"), str(options.root)]
    check = [*SIGNET_LINT, "check", str(options.root), "--exit-zero"]
    ratio, ours, base = paired(check, floor, options.runs)
    print(f"check / floor           {ratio:5.2f}   bar 2.00, aim 1.50   ({ours:.2f} s / {base:.2f} s)")
    click = [sys.executable, "-c", "import click"]
    for arguments in (["--version"], ["rules"], ["explain", "SGL602"]):
        ratio, ours, base = paired([*SIGNET_LINT, *arguments], click, options.runs)
        print(f"{' '.join(arguments):<15} / click {ratio:5.2f}   bar 2.00             ({ours:.2f} s / {base:.2f} s)")
    print(f"one more chart, 400/100 {growth(options.runs):5.2f}   bar 1.30")
    print(f"peak memory             {peak_memory(check):5.0f}   bar 250 MiB, all processes together")


def paired(ours: Sequence[str], base: Sequence[str], runs: int) -> tuple[float, float, float]:
    """The median of the ratios of runs in turn, and both medians in seconds."""
    seconds(ours), seconds(base)
    pairs = [(seconds(ours), seconds(base)) for _ in range(runs)]
    ratios = [mine / other for mine, other in pairs]
    return statistics.median(ratios), statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)


def seconds(command: Sequence[str]) -> float:
    """How long a command takes as a whole process; it must not fail."""
    began = time.perf_counter()
    run = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    took = time.perf_counter() - began
    if run.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed with {run.returncode}: {run.stderr.decode()}")
    return took


def growth(runs: int) -> float:
    """What one more chart costs at 400 more charts against at 100 more."""
    with tempfile.TemporaryDirectory() as folder:
        times = {}
        for count in (0, 100, 400):
            root = Path(folder) / str(count)
            shutil.copytree(FIXTURE, root)
            add_charts(root, count)
            command = [*SIGNET_LINT, "check", str(root), "--exit-zero"]
            times[count] = statistics.median(seconds(command) for _ in range(max(3, runs // 2)))
    return ((times[400] - times[100]) / 300) / ((times[100] - times[0]) / 100)


def add_charts(root: Path, count: int) -> None:
    """More copies of an ordinary chart, each wired through the umbrella and on in every environment."""
    template = (root / "charts/signet-umbrella/templates/app-web-frontend.yaml").read_text(encoding="utf-8")
    for number in range(count):
        name = f"service-{number:03d}"
        chart = root / "charts" / name
        shutil.copytree(root / "charts/web-frontend", chart)
        for file in chart.rglob("*.*"):
            file.write_text(file.read_text(encoding="utf-8").replace("web-frontend", name), encoding="utf-8")
        wired = root / f"charts/signet-umbrella/templates/app-{name}.yaml"
        wired.write_text(template.replace("web-frontend", name), encoding="utf-8")


def peak_memory(command: Sequence[str]) -> float:
    """The largest sum of resident memory over a command and its children, in MiB (Linux only; 0 elsewhere)."""
    if not Path("/proc/self/status").exists():
        return 0.0
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0.0
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.is_set():
            peak = max(peak, sum(resident(pid) for pid in family(process.pid)))
            time.sleep(0.005)

    watcher = threading.Thread(target=watch)
    watcher.start()
    process.wait()
    done.set()
    watcher.join()
    return peak


def family(pid: int) -> list[int]:
    """A process and its children."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return [pid]
    return [pid, *(one for child in children for one in family(int(child)))]


def resident(pid: int) -> float:
    """Resident memory of a process in MiB."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(found[0]) / 1024 if found else 0.0


if __name__ == "__main__":
    main()
