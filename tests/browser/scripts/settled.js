// Returns whether a page of the dashboard has all answers, and everything on it is drawn and stands still.
() => {
  const app = document.querySelector("[data-testid='stApp']");
  const all = (selector) => [...document.querySelectorAll(selector)];
  const moves = (animation) =>
    animation.playState === "running" && animation.effect.getComputedTiming().endTime !== Infinity;
  return (
    app?.dataset.testScriptState === "notRunning" &&
    (window.owed ?? "nothing") === "nothing" &&
    !document.querySelector("[data-testid='stStatusWidget'], [data-testid='stSkeleton'], [data-stale='true']") &&
    all(".js-plotly-plot").every((chart) => chart.querySelector(".main-svg")) &&
    all("img").every((image) => image.complete) &&
    document.fonts.status === "loaded" &&
    !document.getAnimations().some(moves)
  );
}
