// The certified provider `oidc-provider`, set up as strictly as a public client can bear it. It listens on loopback, on a port
// that it writes to its output, until its input ends.
//
// node provider.mjs <the module's index.js>

import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const { Provider } = await import(pathToFileURL(process.argv[2]).href);

const server = createServer();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address();

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: 'conformance-client',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      // Of a native client on loopback any port will do (RFC 8252 §7.3).
      redirect_uris: ['http://127.0.0.1/callback'],
      post_logout_redirect_uris: ['https://app.example'],
      id_token_signed_response_alg: 'RS256',
      dpop_bound_access_tokens: true,
    },
  ],
  claims: { openid: ['sub'], profile: ['name'] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: 'Ada Lovelace' }),
  }),
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
  features: {
    devInteractions: { enabled: true },
    dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
    revocation: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    userinfo: { enabled: true },
  },
});

server.on('request', provider.callback());
process.stdout.write(`${port}\n`);

process.stdin.resume();
await once(process.stdin, 'end');
process.exit();
