"""The SQL of configurations and roll-outs.

Locks are taken in one order: the roll-out, its agents by id, its members. A report locks its agent
first as well, and then the agent's member.
"""

from typing import Final

NEXT_VERSION: Final = """
insert into agent_configuration_versions as v (org_id, last_version) values ($1, 1)
on conflict (org_id) do update set last_version = v.last_version + 1 returning last_version
"""

ADD_CONFIGURATION: Final = """
insert into agent_configurations (org_id, id, version, document, note, based_on, location_ids,
                                  made_at, made_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""

DOCUMENTS: Final = """
select version, document from agent_configurations where org_id = $1 and version = any($2)
"""

LOCK_AGENTS: Final = """
select * from agents where org_id = $1 and id = any($2) order by id for update
"""

BUSY: Final = """
select a.name from agent_rollout_members m
  join agent_rollouts r on r.org_id = m.org_id and r.id = m.rollout_id
  join agents a on a.org_id = m.org_id and a.id = m.agent_id
 where m.org_id = $1 and m.agent_id = any($2) and r.state in ('RUNNING', 'PAUSED')
 order by a.name limit 1
"""

ADD_ROLLOUT: Final = """
insert into agent_rollouts (org_id, id, configuration_version, state, wave, waves, trial_seconds,
                            grace_seconds, location_ids, started_at, started_by, wave_started_at)
values ($1, $2, $3, 'RUNNING', -1, $4, $5, $6, $7, $8, $9, $8)
"""

ADD_MEMBERS: Final = """
insert into agent_rollout_members (org_id, rollout_id, agent_id, place, wave, state,
                                   previous_version)
select $1, $2, m.agent_id, m.place, m.wave, 'WAITING', m.previous_version
  from unnest($3::uuid[], $4::int[], $5::int[], $6::int[])
       as m (agent_id, place, wave, previous_version)
"""

LOCK_ROLLOUT: Final = "select * from agent_rollouts where org_id = $1 and id = $2 for update"

DUE_ROLLOUTS: Final = """
select * from agent_rollouts where org_id = $1 and state in ('RUNNING', 'PAUSED')
 order by id for update skip locked
"""

MEMBERS: Final = """
select m.*, a.name, a.state as agent_state
  from agent_rollout_members m join agents a on a.org_id = m.org_id and a.id = m.agent_id
 where m.org_id = $1 and m.rollout_id = any($2) order by m.rollout_id, m.place
"""

SEND_WAVE: Final = """
with sent as (
    update agent_rollout_members set state = 'SENT', sent_at = $4
     where org_id = $1 and rollout_id = $2 and wave = $3 and state = 'WAITING'
    returning agent_id
)
update agents a set wanted_version = $5, updated_at = $4, version = a.version + 1
  from sent where a.org_id = $1 and a.id = sent.agent_id
returning a.*
"""

SKIP: Final = """
update agent_rollout_members m set state = 'SKIPPED', settled_at = $3
 where org_id = $1 and rollout_id = $2 and state in ('WAITING', 'SENT')
   and ($4::uuid[] is null or agent_id = any($4))
"""

FAIL_MEMBER: Final = """
update agent_rollout_members set state = 'FAILED', settled_at = $4, error = $5
 where org_id = $1 and rollout_id = $2 and agent_id = $3 and state = 'SENT'
"""

# Who was told something else in the meantime is left alone.
TAKE_BACK: Final = """
with back as (
    update agent_rollout_members
       set state = case when state = 'FAILED' then 'FAILED' else 'TAKEN_BACK' end, settled_at = $3
     where org_id = $1 and rollout_id = $2 and state in ('SENT', 'CONFIRMED', 'FAILED')
    returning agent_id, previous_version
)
update agents a set wanted_version = back.previous_version, updated_at = $3, version = a.version + 1
  from back where a.org_id = $1 and a.id = back.agent_id and a.wanted_version = $4
returning a.*
"""

SET_STATE: Final = """
update agent_rollouts
   set state = $3, wave = $4,
       wave_started_at = case when wave = $4 then wave_started_at else $5 end,
       finished_at = case when $3 in ('RUNNING', 'PAUSED') then null else $5 end,
       reason = coalesce($6, reason), version = version + 1
 where org_id = $1 and id = $2 returning *
"""

SETTLE: Final = """
update agent_rollout_members m set state = $4, settled_at = $5, error = $6
  from agent_rollouts r
 where m.org_id = $1 and m.agent_id = $2 and m.state = 'SENT' and r.org_id = m.org_id
   and r.id = m.rollout_id and r.configuration_version = $3
"""

DELIVERED: Final = """
update agent_rollout_members set delivered_at = coalesce(delivered_at, $3)
 where org_id = $1 and agent_id = $2 and state = 'SENT'
returning rollout_id
"""

TRIAL_OF: Final = """
select trial_seconds from agent_rollouts where org_id = $1 and configuration_version = $2
 order by started_at desc limit 1
"""
