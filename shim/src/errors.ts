// The errors that whoever starts the shim sees; containerd logs them.
import { UserError } from '@spindle/api';

export const wrongCall = (reason: string): UserError =>
  new UserError(reason, {
    code: 'SPK8001',
    remedy: 'Let containerd start the shim: with "ctr run --runtime io.containerd.spin.v2" or through a RuntimeClass.',
  });

export const serverNotStarted = (reason: string, logFile: string): UserError =>
  new UserError(`the server of the shim did not start: ${reason}`, {
    code: 'SPK8002',
    file: logFile,
    remedy: `Look into ${logFile}.`,
  });
