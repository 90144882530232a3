/** What problems tell to do next, said for a shell: the server names its routes, people here type commands. */

const commands: { readonly [route: string]: string } = {
  'GET /v1/addresses': 'edgelog addresses',
  'GET /v1/addresses/{ip}': 'edgelog addresses show IP',
  'GET /v1/private-addresses': 'edgelog addresses private',
  'GET /v1/private-addresses?state=quarantined': 'edgelog addresses private --state quarantined',
  'GET /v1/clusters': 'edgelog clusters',
  'GET /v1/clusters/{name}': 'edgelog clusters show NAME',
  'GET /v1/convergence': 'edgelog status',
  'GET /v1/events?limit=1': 'edgelog events -n 1 --from-position 0',
  'GET /v1/events?subject={address}': 'edgelog events --subject IP',
  'GET /v1/events?subject={id}': 'edgelog events --subject ID',
  'GET /v1/events?type=CommandRefused': 'edgelog events --type CommandRefused',
  'GET /v1/history/{id}': 'edgelog history ID',
  'GET /v1/instances': 'edgelog instances',
  'GET /v1/instances/{id}': 'edgelog instances show ID',
  'GET /v1/properties': 'edgelog properties',
  'GET /v1/properties/{name}': 'edgelog properties get NAME',
  'GET /v1/security-groups': 'edgelog groups',
  'GET /v1/status': 'edgelog status',
  'POST /v1/clusters': 'edgelog clusters register NAME --host HOST',
  'POST /v1/clusters/{name}/enable': 'edgelog clusters enable NAME',
  'POST /v1/epoch': 'edgelog epoch raise --reason WORDS',
  'PUT /v1/configuration': 'edgelog config apply FILE',
};

const route = /`?\b(?:GET|PUT|POST|DELETE) \/v1\/[A-Za-z0-9/{}?=&_-]+`?/g;

/** Routes without a command of their own stay as they are. */
export const forShell = (next: string): string =>
  next.replace(route, (written) => {
    const bare = written.replaceAll('`', '');
    return Object.hasOwn(commands, bare) ? `${commands[bare]}` : written;
  });
