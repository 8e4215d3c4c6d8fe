// Completes one flow as an independent client; the person's part is played by whoever started us:
// {"open": url} goes out, the URL the browser was sent back to comes in, then {"done": …} goes out.
import { createInterface } from 'node:readline'
import * as client from 'openid-client'

const wanted = JSON.parse(process.argv[2])
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const say = (message) => console.log(JSON.stringify(message))

async function authentication() {
  if (wanted.jwk) {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
    const key = await crypto.subtle.importKey('jwk', wanted.jwk, algorithm, false, ['sign'])
    return client.PrivateKeyJwt({ key, kid: wanted.jwk.kid })
  }
  if (!wanted.secret) return client.None()
  return (wanted.post ? client.ClientSecretPost : client.ClientSecretBasic)(wanted.secret)
}

const config = await client.discovery(
  new URL(wanted.issuer), wanted.id, undefined, await authentication(),
  { algorithm: 'oauth2', execute: [client.allowInsecureRequests] },
)

async function code() {
  const verifier = client.randomPKCECodeVerifier()
  const state = client.randomState()
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: wanted.redirectUri,
    scope: wanted.scope,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
  })
  say({ open: url.href })
  const back = new URL((await lines.next()).value)
  const first = await client.authorizationCodeGrant(config, back, {
    pkceCodeVerifier: verifier,
    expectedState: state,
  })
  const second = await client.refreshTokenGrant(config, first.refresh_token)
  return { first, second }
}

try {
  const tokens = wanted.flow === 'code'
    ? await code()
    : { first: await client.clientCredentialsGrant(config, { scope: wanted.scope }) }
  const last = (tokens.second ?? tokens.first).access_token
  const before = wanted.secret || wanted.jwk ? await client.tokenIntrospection(config, last) : null
  await client.tokenRevocation(config, last)
  const after = before && (await client.tokenIntrospection(config, last))
  say({ done: { ...tokens, before, after } })
} catch (error) {
  say({ failed: `${error.code ?? error.name}: ${error.message}` })
}
process.exit()
