/** What has to outlive the process could not be written or read; `message` says why, for people. */
export class StorageTrouble extends Error {
  override readonly name = 'StorageTrouble';
}
