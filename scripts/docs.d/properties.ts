/** The cloud properties as a page, from their catalogue. */
import { type Property, properties } from '../../src/domain/properties.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|');

const valuesOf = (property: Property): string => {
  switch (property.kind) {
    case 'boolean':
      return '`true`, `false`';
    case 'integer':
      return `${property.least} to ${property.most}${property.unit === undefined ? '' : ` ${property.unit}`}`;
    case 'choice':
      return property.choices.map((choice) => `\`${choice}\``).join(', ');
    case 'text':
      return property.form;
  }
};

const row = (property: Property): string => {
  const preset = property.default === '' ? 'empty' : `\`${property.default}\``;
  return `| \`${property.name}\` | ${preset} | ${valuesOf(property)} | ${cell(property.meaning)} |`;
};

const opening = `# Cloud properties

Generated from \`src/domain/propertyCatalogue.ts\` by \`node scripts/docs.ts\`.

What the network is and how it behaves, the same for every process: a change is an event, with who made it and when, and is in
force as soon as it is in the log. How one process runs is a setting instead (\`edgelog help settings\`).

    edgelog properties set cloud.network.min_broadcast_interval 3
    edgelog properties reset cloud.network.min_broadcast_interval
    edgelog properties change cloud.vmstate.stopping_time=5 --reset edgelog.dirty_limit   # all of them or none

A property nobody has set has its default, which may change between releases. Names and defaults of Eucalyptus stay what they
were; what is ours begins with \`edgelog.\`.

| property | default | values | what it does |
|---|---|---|---|`;

export const propertiesPage = (): string => `${[opening, ...properties.map(row)].join('\n')}\n`;
