/** Problems of instances, clusters and nodes. */
import type { ProblemRows } from '../problems.ts';

export const instanceProblems: ProblemRows = {
  'instance-not-found': [
    'not-found',
    'There is no such instance',
    'No instance has this id, its record was forgotten after it terminated, or it belongs to another account.',
    'List instances: GET /v1/instances. The log remembers all: GET /v1/events?subject={id}.',
  ],
  'instance-exists': [
    'conflict',
    'The instance id is taken',
    'An instance of this id exists; ids stand for one instance only.',
    'Leave instanceIds away and let Edgelog make new ones.',
  ],
  'incorrect-instance-state': [
    'conflict',
    'Not in this state',
    'The instance is in a state from which this step is not possible.',
    'Read its state (GET /v1/instances/{id}) and take the step that leads on from there.',
  ],
  'invalid-instance-id': [
    'invalid',
    'Not an instance id',
    'An instance id is “i-” and eight hex digits.',
    'Correct the id.',
  ],
  'invalid-parameter-value': [
    'invalid',
    'A member with an impossible value',
    'The member is well formed, but its value makes no sense here.',
    'Correct the member that the problem names.',
  ],
  'cluster-not-found': [
    'not-found',
    'There is no such cluster',
    'No cluster of this name is registered, or it has no document yet, or not at that moment.',
    'List clusters: GET /v1/clusters. Register one: POST /v1/clusters.',
  ],
  'no-document': [
    'not-found',
    'The cluster has no document',
    'Documents are made for clusters that are enabled and have a network in the configuration; this one had none at that moment.',
    'Enable the cluster (POST /v1/clusters/{name}/enable) and give it a network in the configuration.',
  ],
  'invalid-cluster-name': [
    'invalid',
    'Not a cluster name',
    'Names of clusters become names of streams and files: letters, digits, dot, underscore and hyphen, at most 63.',
    'Choose another name.',
  ],
  'invalid-node-name': [
    'invalid',
    'Not a node name',
    'A node is named by the host part of its controller’s address.',
    'Correct the name.',
  ],
  'invalid-endpoint': [
    'invalid',
    'Not an endpoint',
    'An endpoint is an absolute http or https URL of a controller.',
    'Correct the URL.',
  ],
  'invalid-traffic': [
    'invalid',
    'Not a kind of traffic',
    'Traffic is a protocol with a port or an ICMP type: tcp/443, udp/53, icmp/8:0, icmp, 47.',
    'Write it in one of these forms.',
  ],
};
