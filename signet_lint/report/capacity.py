"""The capacity of each environment, as a table for people and as JSON (`schemas/capacity-v1.json`)."""

from __future__ import annotations

import json
from typing import Any

from signet_lint.capacity import EnvCapacity, ServiceCapacity
from signet_lint.model.memory import GIB, MemorySum, gib
from signet_lint.report.escape import visible
from signet_lint.report.style import Style

_HEAD = ("service", "task", "model", "GPUs", "context", "weights + cache + overhead", "of", "longest")


def text(envs: tuple[EnvCapacity, ...], *, color: bool = False) -> str:
    """The capacity for a terminal."""
    style = Style(color=color)
    return "\n".join("".join(f"{line}\n" for line in _env(env, style)) for env in envs)


def _env(env: EnvCapacity, style: Style) -> list[str]:
    lines = [style.paint("bold", visible(env.env))]
    lines += _table([_HEAD, *(_row(service) for service in env.services)]) if env.services else ["  no model service"]
    for one in env.machines:
        gpus = "?" if one.gpus is None else str(one.gpus)
        vcpus = "?" if one.vcpus is None else str(one.vcpus)
        what = f"{one.count} x {one.instance_type or '?'} ({gpus} GPU, {vcpus} vCPUs each)"
        lines.append(f"  machines   {visible(one.name)}: {visible(what)}")
    there = "not known" if env.gpus_there is None else str(env.gpus_there)
    over = env.gpus_there is not None and env.gpus_asked > env.gpus_there
    lines.append(f"  GPUs       {style.paint('error' if over else 'good', f'{env.gpus_asked} asked, {there} there')}")
    if env.vcpus is not None:
        beyond = env.vcpus > env.vcpu_quota
        shown = f"{env.vcpus} of a quota of {env.vcpu_quota}"
        lines.append(f"  vCPUs      {style.paint('error' if beyond else 'good', shown)}")
    lines += [f"  load test  {visible(name)}: replicas {replicas}" for name, replicas in env.load_tests]
    lines += [f"  not known  {visible(s.name)}: {visible(s.unknown)}" for s in env.services if s.unknown]
    return lines


def _row(service: ServiceCapacity) -> tuple[str, ...]:
    memory = service.memory
    if memory is None:
        return service.name, service.task, service.model or "?", str(service.gpus), "?", "?", "?", "?"
    parts = " + ".join(f"{part / GIB:.1f}" for part in (memory.weights, memory.cache, memory.overhead))
    longest = "any" if memory.longest is None else str(max(memory.longest, 0))
    fits = "" if memory.fits else " does not fit"
    sums = f"{parts} = {gib(memory.needed)}{fits}"
    of = f"{gib(memory.budget)} ({memory.gpu})"
    return service.name, service.task, service.model, str(service.gpus), str(memory.length), sums, of, longest


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    cells = [[visible(cell) for cell in row] for row in rows]
    widths = [max(len(row[at]) for row in cells) for at in range(len(_HEAD))]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    ]


def document(envs: tuple[EnvCapacity, ...]) -> str:
    """The capacity as JSON; memory is in bytes of one GPU."""
    return json.dumps({"version": 1, "environments": [_env_document(env) for env in envs]}, indent=2) + "\n"


def _env_document(env: EnvCapacity) -> dict[str, Any]:
    return {
        "name": env.env,
        "services": [_service_document(service) for service in env.services],
        "machines": [
            {"name": m.name, "instance_type": m.instance_type, "count": m.count, "gpus": m.gpus, "vcpus": m.vcpus}
            for m in env.machines
        ],
        "gpus_asked": env.gpus_asked,
        "gpus_there": env.gpus_there,
        "vcpus": env.vcpus,
        "vcpu_quota": env.vcpu_quota,
        "load_tests": [{"name": name, "replicas": replicas} for name, replicas in env.load_tests],
    }


def _service_document(service: ServiceCapacity) -> dict[str, Any]:
    return {
        "name": service.name,
        "kind": service.kind,
        "namespace": service.namespace,
        "task": service.task,
        "model": service.model,
        "replicas": service.replicas,
        "gpus": service.gpus,
        "memory": _memory_document(service.memory) if service.memory else None,
        "unknown": service.unknown,
    }


def _memory_document(memory: MemorySum) -> dict[str, Any]:
    return {
        "gpu": memory.gpu,
        "gpu_bytes": memory.gpu_bytes,
        "budget": round(memory.budget),
        "weights": round(memory.weights),
        "cache": round(memory.cache),
        "overhead": round(memory.overhead),
        "length": memory.length,
        "longest": memory.longest,
        "fits": memory.fits,
    }
