/** Problems of the time machine: looking back, planning, undoing, proving. */
import type { ProblemRows } from '../problems.ts';

export const timeProblems: ProblemRows = {
  'missing-parameter': [
    400,
    'A parameter is missing',
    'The question cannot be answered without it.',
    'Add the parameter the detail names.',
  ],
  'event-not-found': [
    'not-found',
    'There is no such event',
    'The log holds no event with this id or at this position.',
    'GET /v1/events?subject={id} lists the events about a thing.',
  ],
  'subject-unknown': [
    'not-found',
    'Nothing is known of it',
    'No event of the log was ever about this.',
    'Check how it is written: i-0a1b2c3d, sg-0a1b2c3d, an IPv4 address, the name of a cluster or node.',
  ],
  'trace-not-found': [
    'not-found',
    'There is nothing to trace',
    'No command, request, event or thing of this name has left events in the log.',
    'GET /v1/events?type=CommandRefused lists the wishes that were refused.',
  ],
  'invalid-endpoint': [
    'invalid',
    'That is no end of a flow',
    'An end is an instance id or an IPv4 address.',
    'Write i-0a1b2c3d or 192.0.2.7.',
  ],
  'invalid-traffic': [
    'invalid',
    'That is no kind of traffic',
    'Traffic is a protocol, with a port or an ICMP type where it has one.',
    'Write tcp/443, udp/53, icmp/8:0, icmp or a protocol number.',
  ],
  'world-moved': [
    'stale',
    'The world has moved',
    'Something the plan rests on has changed since it was made, so it would no longer do what it said. Nothing was done.',
    'Make the plan again, look at it, and apply the new one.',
  ],
  'plan-half-applied': [
    'conflict',
    'The plan was done in part',
    'The plan could not be written at once, and while it was being applied somebody changed one of its streams. The steps before that are done and stay.',
    'Apply it again with "resume": true, or with edgelog apply PLAN --resume: what is done is not done again. Or make a plan of what is left.',
  ],
  'cannot-revert': [
    'conflict',
    'It cannot be undone',
    'The event says what happened and cannot be taken back, or what followed it stands in the way.',
    'Read the detail; wish what you want instead by an ordinary command.',
  ],
  'nothing-to-revert': [
    'conflict',
    'There is nothing to undo',
    'What the event did is no longer so: it was undone or overtaken.',
    'GET /v1/history/{id} shows what came after it.',
  ],
  'empty-bundle': [
    'not-found',
    'There is nothing to put into a bundle',
    'No event lies between these positions.',
    'GET /v1/status says how far the log goes.',
  ],
  'log-not-proven': [
    'conflict',
    'The log is not what was signed for',
    'The log was held against its signed checkpoints and does not agree with them. Nothing is signed over that until a person has decided.',
    'docs/audit.md says what the outcomes mean and what to do; once that is done, start again.',
  ],
};
