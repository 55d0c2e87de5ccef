"""Jobs: written with the change, done once or more, never lost."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from datetime import timedelta

import pytest
from celery import current_app
from django.db import connection
from django.utils import timezone

from activity import doorbell
from activity.live import topic_version
from activity.models import Job
from activity.services import jobs
from activity.services.acts import one_act, touch_topic
from activity.services.current import NewJob
from activity.services.jobs import MAX_ATTEMPTS, enqueue, run_job, sweep_jobs
from tests.factories.accounts import make_organization

NAME = "tests.nothing"


@pytest.fixture
def bells(monkeypatch) -> list[int]:
    """Ids that were rung for, in order; nothing is sent."""
    rung: list[int] = []
    monkeypatch.setattr(jobs, "ring_job", lambda name, job_id, countdown=None: rung.append(job_id))
    return rung


def make_job(**fields) -> Job:
    return Job.objects.create(name=NAME, **fields)


def fail(job: Job) -> None:
    raise RuntimeError("broken")


@pytest.mark.django_db
def test_enqueue_rings_after_commit(bells, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        enqueue(name=NAME, payload={"item": 7})
        assert bells == []

    job = Job.objects.get()
    assert (job.payload, job.state, bells) == ({"item": 7}, Job.State.QUEUED, [job.pk])


@pytest.mark.django_db
def test_enqueue_in_an_act_writes_at_its_end_and_only_if_it_commits(bells):
    with contextlib.suppress(RuntimeError), one_act():
        enqueue(name=NAME)
        assert Job.objects.count() == 0
        raise RuntimeError
    with one_act():
        enqueue(name=NAME, key="b")
        with contextlib.suppress(RuntimeError), one_act():
            enqueue(name=NAME, key="refused")
            raise RuntimeError
        enqueue(name=NAME, key="a")

    assert list(Job.objects.order_by("id").values_list("key", flat=True)) == ["a", "b"]


@pytest.mark.django_db
def test_waiting_jobs_of_one_key_are_one(bells):
    for _ in range(3):
        enqueue(name=NAME, key="organization 1")
        enqueue(name=NAME)

    assert Job.objects.filter(key="organization 1").count() == 1
    assert Job.objects.filter(key="").count() == 3


@pytest.mark.django_db
def test_running_job_does_not_cover_a_new_one(bells):
    enqueue(name=NAME, key="a")

    run_job(job_id=Job.objects.get().pk, handler=lambda job: enqueue(name=NAME, key="a"))

    assert list(Job.objects.values_list("state", "attempts")) == [("queued", 0)]


@pytest.mark.django_db
def test_run_job_twice_does_it_once():
    job, done = make_job(), []

    results = [run_job(job_id=job.pk, handler=lambda job: done.append(job.pk)) for _ in range(2)]

    assert (results, done, Job.objects.count()) == ([True, False], [job.pk], 0)


@pytest.mark.django_db
def test_job_that_is_not_due_waits():
    job = make_job(due_at=timezone.now() + timedelta(minutes=1))

    assert run_job(job_id=job.pk, handler=fail) is False
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("queued", 0)


@pytest.mark.django_db
def test_failed_job_waits_longer_each_time_and_is_dead_after_five_tries(caplog):
    job, waits = make_job(), []

    for _ in range(MAX_ATTEMPTS):
        Job.objects.update(due_at=timezone.now())
        run_job(job_id=job.pk, handler=fail)
        job.refresh_from_db()
        waits.append(round((job.due_at - timezone.now()).total_seconds()))

    assert waits[:4] == [2, 4, 8, 16]
    assert (job.state, job.attempts, job.error) == ("dead", 5, "RuntimeError: broken")
    assert run_job(job_id=job.pk, handler=fail) is False


@pytest.mark.django_db
def test_failed_job_gives_way_to_one_of_its_key(caplog, bells):
    job = make_job(key="a")

    def fail_behind_another(job):
        enqueue(name=NAME, key="a")
        raise RuntimeError

    run_job(job_id=job.pk, handler=fail_behind_another)

    assert Job.objects.get().pk != job.pk


@pytest.mark.django_db
def test_job_that_kills_its_worker_is_dead_after_five_tries():
    job = make_job(state="running", attempts=MAX_ATTEMPTS)

    assert run_job(job_id=job.pk, handler=fail) is False
    job.refresh_from_db()
    assert (job.state, job.error) == ("dead", "The worker died in each of five tries.")


@pytest.mark.django_db
def test_sweep_rings_for_what_nobody_heard(bells):
    now = timezone.now()
    unheard = make_job(due_at=now - timedelta(seconds=30))
    to_repeat = make_job(due_at=now - timedelta(seconds=1), attempts=1)
    left_by_a_killed_worker = make_job(state="running", attempts=1)
    rung_again = make_job(due_at=now - timedelta(hours=1), rung_at=now - timedelta(minutes=2))
    make_job(due_at=now)  # its own bell may still be heard
    make_job(due_at=now - timedelta(hours=1), rung_at=now - timedelta(seconds=20))  # behind a long queue
    make_job(due_at=now + timedelta(hours=1))
    make_job(state="dead")

    assert sweep_jobs() == 4
    assert sorted(bells) == [unheard.pk, to_repeat.pk, left_by_a_killed_worker.pk, rung_again.pk]


@pytest.mark.django_db
def test_sweep_after_a_sweep_rings_for_the_orphan_only(bells):
    make_job(due_at=timezone.now() - timedelta(seconds=30))
    orphan = make_job(state="running")
    sweep_jobs()
    bells.clear()

    sweep_jobs()

    assert bells == [orphan.pk]


class Worker(threading.Thread):
    """A worker on a connection of its own, in the middle of a job until told to go on, or until its connection is killed."""

    def __init__(self, job_id: int) -> None:
        super().__init__()
        self.job_id, self.begun, self.go_on, self.pid = job_id, threading.Event(), threading.Event(), 0

    def run(self) -> None:
        try:
            with contextlib.suppress(Exception):
                run_job(job_id=self.job_id, handler=self.handle)
        finally:
            connection.close()

    def handle(self, job: Job) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self.pid = cursor.fetchone()[0]
        self.begun.set()
        self.go_on.wait(10)


@pytest.mark.django_db(transaction=True)
def test_running_job_is_neither_swept_nor_begun_twice(bells):
    job = make_job()
    worker = Worker(job.pk)
    worker.start()
    worker.begun.wait(10)

    swept, begun = sweep_jobs(), run_job(job_id=job.pk, handler=fail)
    worker.go_on.set()
    worker.join()

    assert (swept, begun, Job.objects.count()) == (0, False, 0)


@pytest.mark.django_db(transaction=True)
def test_job_of_a_killed_worker_is_found_at_once_and_done(bells, caplog):
    job, done = make_job(), []
    worker = Worker(job.pk)
    worker.start()
    worker.begun.wait(10)
    with connection.cursor() as cursor:
        # As kill -9 of the worker does: the server loses its connection. The owner's process may end the application's.
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [worker.pid])

    swept = sweep_jobs()
    run_job(job_id=job.pk, handler=lambda job: done.append(job.attempts))
    worker.go_on.set()
    worker.join()

    assert (swept, bells, done, Job.objects.count()) == (1, [job.pk], [2], 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_guarded", [True, False], ids=["guarded", "guard off"])
def test_enqueue_that_is_covered_keeps_the_job_from_beginning_before_it_commits(bells, is_guarded):
    """Otherwise the job would look before the change is there, and nobody would look again. The twin without the lock shows it."""
    enqueue(name=NAME, key="a")
    job, order = Job.objects.get(), []

    def work():
        try:
            run_job(job_id=job.pk, handler=lambda job: order.append("job looks"))
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    with one_act():
        if is_guarded:
            jobs.write_jobs([NewJob(name=NAME, key="a")])
        else:
            _write_without_lock()
        worker.start()
        worker.join(0.5)  # with the lock it waits for us
        order.append("change commits")
    worker.join()

    assert order == (["change commits", "job looks"] if is_guarded else ["job looks", "change commits"])


def _write_without_lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO activity_job (name, key, payload, state, attempts, error) VALUES (%s, 'a', '{}', 'queued', 0, '') ON CONFLICT DO NOTHING",
            [NAME],
        )


@pytest.fixture(params=["dead", "frozen"])
def silent_redis(request, settings, tmp_path):
    """Redis refuses connections, or takes them and answers nothing."""
    address = str(tmp_path / "redis")
    with socket.socket(socket.AF_UNIX) as server:
        if request.param == "frozen":
            server.bind(address)
            server.listen(50)
        settings.REDIS_URL = f"unix://{address}"
        broker = current_app.conf.broker_url
        current_app.conf.update(broker_url=f"redis+socket://{address}")
        _forget_connections()
        yield
        current_app.conf.update(broker_url=broker)
        _forget_connections()


def _forget_connections() -> None:
    assert doorbell.ringer.flush(5)
    doorbell._redis.cache_clear()
    doorbell._broker.cache_clear()
    doorbell.breaker.reset()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ring", ["job", "topic"])
def test_silent_redis_costs_little_and_loses_nothing(silent_redis, ring, caplog):
    organization = make_organization()
    begun = time.monotonic()

    for _ in range(20):
        with one_act():
            if ring == "job":
                enqueue(name=NAME)
            touch_topic(organization_id=organization.pk, key="team:checkout")

    assert time.monotonic() - begun < 1  # the statements; who waits for Redis is a thread apart
    assert doorbell.ringer.flush(5)
    assert len([record for record in caplog.records if "not rung" in record.message]) == 1
    assert Job.objects.filter(state="queued").count() == (20 if ring == "job" else 0)
    assert topic_version(organization_id=organization.pk, topic="team:checkout") == 20
