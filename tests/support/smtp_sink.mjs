// A scripted mail relay on 127.0.0.1, for tests of what talks to one: npm's smtp-server.
//
//   node smtp_sink.mjs '{"tls": "starttls", "recipients": {"bob@example.com": [550, "No such user"]}}'
//
// It says what happens as lines of JSON, the first of which is {"event": "listening", "port": ...}, and
// ends with its standard input, so that it never outlives who started it. The options, all of them optional:
//
//   tls         "none" (default), "starttls" or "implicit", with a certificate of its own for 127.0.0.1
//   login       {"user", "password", "methods"}: required then, and offered with TLS or without
//   greeting    [554, "Go away"] instead of a welcome
//   sender      the answer to MAIL FROM
//   recipients  answers to RCPT TO by address
//   data        answers to mails, one after another, the last for all that follow: [451, "Later"],
//               "cut" (closes the connection), "hang" (says nothing)
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

const { SMTPServer } = createRequire(new URL('../e2e/package.json', import.meta.url))('smtp-server');

const options = JSON.parse(process.argv[2] ?? '{}');
const tls = options.tls ?? 'none';
const answers = [...(options.data ?? [])];

const tell = (event, facts = {}) => process.stdout.write(`${JSON.stringify({ event, ...facts })}\n`);

function makeIdentity() {
  const folder = mkdtempSync(path.join(tmpdir(), 'smtp-sink-'));
  try {
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name));
    execFileSync('openssl', [
      'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1', '-subj', '/CN=sink',
      '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert,
    ], { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// What smtp-server makes a reply of: nothing for 2xx.
function problem(answer) {
  if (!answer || answer[0] < 300) return null;
  return Object.assign(new Error(answer[1]), { responseCode: answer[0] });
}

function nextAnswer() {
  return answers.length > 1 ? answers.shift() : answers[0];
}

const identity = tls === 'none' ? {} : makeIdentity();
const server = new SMTPServer({
  ...identity,
  secure: tls === 'implicit',
  disabledCommands: [...(tls === 'starttls' ? [] : ['STARTTLS']), ...(options.login ? [] : ['AUTH'])],
  authMethods: options.login?.methods ?? ['PLAIN', 'LOGIN'],
  allowInsecureAuth: true,
  authOptional: !options.login,
  disableReverseLookup: true,
  logger: false,
  onConnect(session, done) {
    tell('connected');
    done(problem(options.greeting));
  },
  onClose() {
    tell('closed');
  },
  onAuth(login, session, done) {
    const { user, password } = options.login;
    tell('login', { method: login.method, secure: session.secure });
    if (login.username === user && login.password === password) return done(null, { user });
    done(Object.assign(new Error(`No login for ${login.username} with ${login.password}`), { responseCode: 535 }));
  },
  onMailFrom(address, session, done) {
    done(problem(options.sender));
  },
  onRcptTo(address, session, done) {
    done(problem(options.recipients?.[address.address]));
  },
  onData(stream, session, done) {
    const chunks = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('end', () => {
      tell('mail', {
        from: session.envelope.mailFrom.address,
        to: session.envelope.rcptTo.map((one) => one.address),
        secure: session.secure,
        user: session.user ?? '',
        hello: session.hostNameAppearsAs,
        raw: Buffer.concat(chunks).toString('base64'),
      });
      const answer = nextAnswer();
      if (answer === 'hang') return;
      if (answer === 'cut') {
        for (const one of server.connections) if (one.id === session.id) one._socket.destroy();
        return;
      }
      const refusal = problem(answer);
      done(refusal, refusal ? undefined : (answer?.[1] ?? 'Queued as 42'));
    });
  },
});
server.on('error', () => {}); // a client that closes as it likes is what some tests are about
server.listen(0, '127.0.0.1', () =>
  tell('listening', { port: server.server.address().port, certificate: identity.cert ?? '' }),
);
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
