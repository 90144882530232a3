/** Forms of the commands about public (elastic) addresses. */
import { type CommandForm, commandForm } from '../commandForm.ts';
import { operators, operatorsInAccount } from '../route.ts';
import { account, name, type Schema, text } from '../schema.ts';

const address: Schema = name('IPv4 address', 64);

type Owned = { address: string; account?: string };

export const allocateAddress = commandForm<{ account?: string; address?: string }>({
  type: 'AllocateAddress',
  summary: 'Allocate a public address to the account: a given one, or any that is free',
  access: operatorsInAccount,
  members: { account: account(), address },
  required: [],
  make: (input, origin) => ({ type: 'AllocateAddress', ...input, account: origin.account }),
});

export const releaseAddress = commandForm<Owned>({
  type: 'ReleaseAddress',
  summary: 'Give a public address back',
  access: operatorsInAccount,
  members: { account: account(), address },
  required: ['address'],
  make: (input, origin) => ({ type: 'ReleaseAddress', ...input, account: origin.account }),
});

export const associateAddress = commandForm<Owned & { instanceId: string }>({
  type: 'AssociateAddress',
  summary: 'Give an instance this public address',
  access: operatorsInAccount,
  members: { account: account(), address, instanceId: name('Instance', 64) },
  required: ['address', 'instanceId'],
  make: (input, origin) => ({ type: 'AssociateAddress', ...input, account: origin.account }),
});

export const disassociateAddress = commandForm<Owned>({
  type: 'DisassociateAddress',
  summary: 'Take the public address away from its instance',
  access: operatorsInAccount,
  members: { account: account(), address },
  required: ['address'],
  make: (input, origin) => ({ type: 'DisassociateAddress', ...input, account: origin.account }),
});

export const freeAddress = commandForm<{ address: string; reason: string; reservation?: string; cluster?: string }>({
  type: 'FreeAddress',
  summary: 'Operator’s lever: take an address out of quarantine before every cluster has passed its release',
  access: operators,
  members: {
    address,
    reason: text('Why it is safe'),
    reservation: name('The holding that was released'),
    cluster: name('Only in this cluster; all if left out', 63),
  },
  required: ['address', 'reason'],
  make: (input) => ({ type: 'FreeAddress', cause: 'operator', ...input }),
});

export const addressForms: readonly CommandForm[] = [
  allocateAddress,
  releaseAddress,
  associateAddress,
  disassociateAddress,
  freeAddress,
];
