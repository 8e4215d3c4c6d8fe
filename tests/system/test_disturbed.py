"""A short form of the disturbed million: every kind of trouble at once, and not a read too few."""

from benchmarks.disturbed.run import Plan, run


async def test_reads_of_a_disturbed_agent_come_to_the_ledger_each_once(noted):
    plan = Plan(reads=1_500, seed=11, scanners=8, pace=0.1, rounds=2)

    report = await run(plan, lambda _: None)

    noted("disturbed", report.text.splitlines()[0])
    assert report.verdict.faults == []
    assert report.verdict.parked.keys() <= {"NOISE", "TRUNCATED", "CHECKSUM"}
    assert report.verdict.scans + report.verdict.tags >= plan.reads
    assert {"agent", "backend", "clock", "disk", "network"} <= report.troubles.keys()
