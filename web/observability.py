"""What operators see of requests: an id for each, one line of log, counters.

Must never write down a token, a body or a query: what is asked for may be as private as what is sent.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from projections.problems import OperatorProblem

if TYPE_CHECKING:
    from projections.composition import Runtime

SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}\Z", re.ASCII)
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# Set by whoever starts several processes, before they start: they then count in files that all of them read.
SHARED_COUNTERS = "PROMETHEUS_MULTIPROC_DIR"

log = structlog.get_logger("pledges.web")


def init_app(app: Flask) -> None:
    """Give each request an id, a line and a place in the counters."""
    runtime: Runtime = app.extensions["pledges"]
    configure_logs(runtime.settings.log)
    metrics = Metrics(runtime)
    app.before_request(_begin)
    app.after_request(metrics.count)
    app.after_request(_end)
    app.add_url_rule("/metrics", "metrics", metrics.answer)


def configure_logs(form: str) -> None:
    """Logs as JSON or as text on stderr, unless the process has configured them already."""
    if structlog.is_configured():
        return
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def request_id() -> str:
    """The id of the request being answered: the one sent, if it is sane, or a new one."""
    found: str | None = g.get("request_id")
    if found is None:
        sent = request.headers.get("X-Request-Id", "")
        found = g.request_id = sent if SANE_REQUEST_ID.match(sent) else str(uuid4())
    return found


def _begin() -> None:
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id())


def _seconds() -> float:
    began: float = g.get("began", time.perf_counter())
    return time.perf_counter() - began


def _end(response: Response) -> Response:
    response.headers.setdefault("X-Request-Id", request_id())
    actor = g.get("actor")
    log.info(
        "answered",
        method=request.method,
        path=request.path[:200],
        status=response.status_code,
        milliseconds=round(_seconds() * 1000, 1),
        **({"account": str(actor.account)} if actor else {}),
    )
    return response


class Metrics:
    """Counters of this process, or of all if they share a folder; and how far the read models have come."""

    def __init__(self, runtime: Runtime) -> None:
        self._own = CollectorRegistry()
        self._requests = Counter(
            "pledges_http_requests",
            "Requests answered.",
            ("method", "endpoint", "status"),
            registry=self._own,
        )
        self._seconds = Histogram(
            "pledges_http_request_seconds",
            "Seconds to answer a request.",
            ("method", "endpoint"),
            buckets=SECONDS,
            registry=self._own,
        )
        self._shown = self._own
        if os.environ.get(SHARED_COUNTERS):
            self._shown = CollectorRegistry()
            MultiProcessCollector(self._shown)  # type: ignore[no-untyped-call]
        else:
            ProcessCollector(registry=self._own)
        self._shown.register(ReadModels(runtime))

    def count(self, response: Response) -> Response:
        # An address that nobody made must not make a series of its own.
        endpoint, method = request.endpoint or "none", request.method if request.endpoint else "other"
        self._requests.labels(method, endpoint, str(response.status_code)).inc()
        self._seconds.labels(method, endpoint).observe(_seconds())
        return response

    def answer(self) -> Response:
        """What Prometheus reads."""
        return Response(generate_latest(self._shown), content_type=CONTENT_TYPE_LATEST)


class ReadModels(Collector):
    """Position and lag of each read model, asked for when somebody looks."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        position = GaugeMetricFamily("pledges_read_model_position", "Last event seen.", labels=("model",))
        lag = GaugeMetricFamily("pledges_read_model_lag", "Events not seen yet.", labels=("model",))
        failed = GaugeMetricFamily("pledges_read_model_failed", "1 for one that stopped.", labels=("model",))
        up = GaugeMetricFamily("pledges_database_up", "Whether the database answers.")
        try:
            for model in self._runtime.questions.read_model_status():
                position.add_metric((model["name"],), model["position"])
                lag.add_metric((model["name"],), model["lag"])
                failed.add_metric((model["name"],), float(model["state"] == "failed"))
            up.add_metric((), 1)
        except OperatorProblem:
            up.add_metric((), 0)
        return (position, lag, failed, up)
