// An OpenID provider that makes access tokens for Slurm: RS256, with the user's name as `sun`.
// node openid_provider.mjs MODULES KEY.pem PORT; it prints a line once it listens.
import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [modules, keyFile, port] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(`${modules}/oidc-provider/lib/index.js`));
const issuer = `http://127.0.0.1:${port}`;
const key = createPrivateKey(readFileSync(keyFile)).export({ format: "jwk" });
const provider = new Provider(issuer, {
  jwks: { keys: [{ ...key, kid: "lab", alg: "RS256", use: "sig" }] },
  clients: [
    {
      client_id: "alice",
      client_secret: "secret-of-alice",
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
    },
  ],
  scopes: ["jobs"],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => "urn:slurm",
      getResourceServerInfo: () => ({
        scope: "jobs",
        audience: "urn:slurm",
        accessTokenFormat: "jwt",
        accessTokenTTL: 300,
        jwt: { sign: { alg: "RS256", kid: "lab" } },
      }),
    },
  },
  extraTokenClaims: (context, token) => ({ sun: token.clientId }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
