/** A refusal in the daemon's own words; it becomes `{"message": …}` with this status. */
export class DockerError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const noSuchContainer = (ref: string) => new DockerError(404, `No such container: ${ref}`);
