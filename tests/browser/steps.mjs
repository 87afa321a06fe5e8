// The steps of a walk that more than one walk takes.

export async function join(night, visitor) {
  await visitor.page.goto(night.queue);
  await visitor.press("Join the queue");
  await visitor.sees("You are in the queue");
}

/** Reloads, as people without a script do, until it is their turn. */
export async function waitForTurn(visitor) {
  const turn = visitor.button("Go in now");
  while (!(await turn.isVisible())) await visitor.page.reload();
}

/** Gives up the place. A page without a script looks again by itself, and closes the question. */
export async function giveUp(visitor) {
  const [question, yes] = [visitor.page.getByText("Give up your place?"), visitor.button("Give up my place")];
  const gone = visitor.page.getByText("You are no longer in the queue");
  while (!(await gone.isVisible())) {
    if (!(await yes.isVisible())) await question.or(gone).first().click();
    await yes.click({ timeout: 5_000 }).catch(() => {});
    await question.or(gone).first().waitFor();
  }
}

export async function goIn(visitor) {
  await waitForTurn(visitor);
  await visitor.press("Go in now");
  await visitor.follow("Go to the shop");
  await visitor.sees("It’s your turn, welcome");
}

export const payment = (visitor) => visitor.page.getByRole("button", { name: /^Pay / });

export async function pay(visitor) {
  await payment(visitor).click();
}

export async function hold(visitor) {
  await visitor.follow("Choose seats");
  await visitor.press("Hold the best seats");
  await visitor.sees("Your basket");
}
