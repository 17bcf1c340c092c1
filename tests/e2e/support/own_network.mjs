// A network of the test's own, in which every address there is leads to this machine: a sink that
// listens on all of them sees a connection to 10.1.2.3 or to 169.254.169.254 like one to itself, and
// nothing can get out.
//
// The test file runs again inside of it: a network and a mount namespace (Linux; as root, or where
// users may make namespaces of their own), with its own hosts file and one name server, 127.0.0.1.
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import path from 'node:path';

import { temporaryFolder } from './temporary_folder.mjs';

const mark = 'BELLPULL_OWN_NETWORK';

const setUp = [
  'set -e',
  'mount --bind "$1/hosts" /etc/hosts; mount --bind "$1/resolv.conf" /etc/resolv.conf; shift',
  'ip link set lo up; ip route add local 0.0.0.0/0 dev lo',
  '{ echo 0 >/proc/sys/net/ipv6/conf/all/disable_ipv6; ip -6 route add local ::/0 dev lo; } 2>/dev/null || true',
  'exec "$@"',
].join('\n');

// Whether there is IPv6: some machines have none. What needs it to be reached is left out then; what is
// refused is refused all the same.
export const hasIpv6 = () => Object.values(networkInterfaces()).flat().some(({ address }) => address === '::1');

// Comes back inside of the network only. Outside, the process ends as the one inside did.
export async function enterOwnNetwork({ hosts = [] } = {}) {
  if (process.env[mark]) return;
  const folder = await temporaryFolder();
  await writeFile(path.join(folder.path, 'hosts'), ['127.0.0.1 localhost', '::1 localhost', ...hosts, ''].join('\n'));
  await writeFile(path.join(folder.path, 'resolv.conf'), 'nameserver 127.0.0.1\n');
  const namespaces = ['--net', '--mount', '--propagation', 'private', ...(process.getuid() === 0 ? [] : ['--map-root-user'])];
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const env = { ...process.env, [mark]: 'yes' };
  delete env.BELLPULL_WITNESS; // it listens outside
  const inside = spawn('unshare', [...namespaces, 'sh', '-c', setUp, 'sh', folder.path, ...again], { stdio: 'inherit', env });
  process.once('exit', () => inside.kill('SIGTERM'));
  const code = await new Promise((resolve, reject) => inside.once('error', reject).once('close', resolve));
  await folder.remove();
  process.exit(code ?? 1);
}
