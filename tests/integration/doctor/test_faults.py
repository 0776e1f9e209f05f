"""The doctor on a product that is made ill: the right cause first, the fix that mends it, and silence afterwards."""

from __future__ import annotations

import json
import os

import asyncpg
import pytest
from redis.exceptions import RedisError

from integration.doctor.faults import FAULTS, Fault
from integration.doctor.patient import Patient
from support.system import SystemUnderTest
from support.waiting import eventually

pytestmark = [
    pytest.mark.system,
    pytest.mark.xdist_group("doctor"),
    pytest.mark.skipif("AE_DOCTOR_FAULTS" not in os.environ, reason="seeded faults (make soak-doctor runs them)"),
]


@pytest.fixture
def patient(system: SystemUnderTest, monkeypatch: pytest.MonkeyPatch) -> Patient:
    return Patient(system, monkeypatch)


async def silent(patient: Patient) -> None:
    """Return when the doctor finds nothing: what was ill may need a moment to recover by itself."""

    found: list[dict[str, object]] = []

    async def nothing() -> bool:
        found[:] = [cause.document() for cause in (await patient.diagnosis()).causes]
        return not found

    try:
        await eventually(nothing, within_s=90, every_s=0.3)
    except AssertionError:
        raise AssertionError(found) from None


async def test_a_healthy_system_is_met_with_silence(patient: Patient) -> None:
    await silent(patient)


def test_there_are_forty_faults_and_more() -> None:
    assert len(FAULTS) >= 40
    assert len({fault.check for fault in FAULTS}) >= 40


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.check}-{fault.seed.__wrapped__.__name__}")
async def test_a_fault_is_named_and_its_fix_mends_it(patient: Patient, fault: Fault) -> None:
    problem: Exception | None = None
    async with fault.seed(patient):
        try:
            await named_and_mended(patient, fault)
        except (AssertionError, OSError, asyncpg.PostgresError, RedisError) as error:
            problem = error  # what is broken is mended first, for the tests to come
    if problem is not None:
        raise problem
    await silent(patient)


async def named_and_mended(patient: Patient, fault: Fault) -> None:
    async def something() -> bool:
        return bool((await patient.diagnosis()).causes)

    await eventually(something, within_s=30)
    diagnosis = await patient.diagnosis()
    first = diagnosis.causes[0].finding
    assert first.name == fault.check, [cause.document() for cause in diagnosis.causes]
    assert fault.says in first.fix
    told = json.dumps(diagnosis.document(), default=str)
    assert [secret for secret in patient.secrets() if secret in told] == []
    assert "a-long-password" not in told
    if fault.mend is not None:
        await fault.mend(patient, first.fix)
        await silent(patient)
