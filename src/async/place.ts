/** How far somebody has come in what is followed: written by what is followed, for whoever hands on what came of it. */
export class Place {
  /** Everything up to here was handed out, or was not for this follower. Less than anything else before there is a place. */
  at = -1;
  /** How many things were handed out. */
  given = 0;
}
