// Certificates for tests, made on the spot so that none in the repository can expire (RFC 5280 in DER).
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';

/** PEM. */
export interface KeyAndCertificate {
  readonly key: string;
  readonly cert: string;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BOOLEAN = 0x01;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = 0x06;
const UTF8_STRING = 0x0c;
const GENERALIZED_TIME = 0x18;
/** [0] and [3], constructed: version and extensions of a TBSCertificate. */
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
/** [2] and [7] of a GeneralName: dNSName and iPAddress. */
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;

/** Object identifiers by their DER content. */
const ECDSA_WITH_SHA256 = '2a8648ce3d040302';
const COMMON_NAME = '550403';
const SUBJECT_ALT_NAME = '551d11';
const BASIC_CONSTRAINTS = '551d13';

function der(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  // The shortest form: some readers refuse others.
  const bytes = content.length;
  const length = bytes < 0x80 ? [bytes] : bytes < 0x100 ? [0x81, bytes] : [0x82, bytes >> 8, bytes & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const oid = (hex: string): Buffer => der(OBJECT_IDENTIFIER, Buffer.from(hex, 'hex'));
const algorithm = (): Buffer => der(SEQUENCE, oid(ECDSA_WITH_SHA256));
const named = (name: string): Buffer =>
  der(SEQUENCE, der(SET, der(SEQUENCE, oid(COMMON_NAME), der(UTF8_STRING, Buffer.from(name)))));

export interface CertificateOptions {
  /** The subject's common name; default: `spindle test`. */
  readonly name?: string;
  /** Who signs it; default: itself. */
  readonly issuer?: KeyAndCertificate & { readonly name: string };
  /** It may sign others. */
  readonly authority?: boolean;
  /** IPv4 addresses that it is for besides. */
  readonly addresses?: readonly string[];
}

const IS_AUTHORITY = der(SEQUENCE, der(BOOLEAN, Buffer.from([0xff])));

/** For `localhost`, 127.0.0.1 and `addresses`, valid at any time a test may run. */
export function selfSigned({
  name = 'spindle test',
  issuer,
  authority = false,
  addresses = [],
}: CertificateOptions = {}): KeyAndCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const alternatives = der(
    SEQUENCE,
    der(DNS_NAME, Buffer.from('localhost')),
    ...['127.0.0.1', ...addresses].map((address) => der(IP_ADDRESS, Buffer.from(address.split('.').map(Number)))),
  );
  const certificate = der(
    SEQUENCE,
    der(VERSION, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, Buffer.from([1])),
    algorithm(),
    named(issuer?.name ?? name),
    der(
      SEQUENCE,
      der(GENERALIZED_TIME, Buffer.from('20200101000000Z')),
      der(GENERALIZED_TIME, Buffer.from('99991231235959Z')),
    ),
    named(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      EXTENSIONS,
      der(
        SEQUENCE,
        der(SEQUENCE, oid(SUBJECT_ALT_NAME), der(OCTET_STRING, alternatives)),
        ...(authority ? [der(SEQUENCE, oid(BASIC_CONSTRAINTS), der(OCTET_STRING, IS_AUTHORITY))] : []),
      ),
    ),
  );
  const signature = sign('sha256', certificate, issuer === undefined ? privateKey : createPrivateKey(issuer.key));
  const whole = der(SEQUENCE, certificate, algorithm(), der(BIT_STRING, Buffer.from([0]), signature));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    cert: `-----BEGIN CERTIFICATE-----\n${whole.toString('base64')}\n-----END CERTIFICATE-----\n`,
  };
}
