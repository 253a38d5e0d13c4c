"""The door: the login page where the server asks for a login, and who is logged in."""

from datetime import UTC, datetime

import streamlit as st

from frontend.components.frame import periods_address
from frontend.state import AppState
from frontend.utils import format as fmt, login, primary, runs, way_back


def is_open() -> bool:
    """Return whether the visitor may see the pages."""
    settings, person = login.settings(), login.person()
    return settings is None or (not settings.problem and person is not None and settings.admits(person))


def show() -> None:
    """Draw the login page; the analysis of the address is kept for after the login, which loses it."""
    settings, person = login.settings(), login.person()
    run_id = st.query_params.get(periods_address.KEY, "")
    browser = way_back.browser()
    if runs.RUN_ID.fullmatch(run_id) and browser:
        way_back.WAYS_BACK.keep(browser, run_id, datetime.now(UTC))
    with st.container(horizontal_alignment="center"), st.container(border=True, width=460):
        st.title("Cart Recovery Segmenter", anchor=False)
        if settings is None or settings.problem:
            reason = settings.problem if settings else ""
            st.error(f"{fmt.plain(reason)} Whoever runs this server has to correct this.", title="Login is not set up")
        elif person is not None:
            _turned_away(person)
        else:
            _providers(settings.providers)


def come_back(state: AppState) -> None:
    """Lead who followed a link to the login page back to its analysis; before the address is drawn."""
    # Taken only behind the login: an identifier that is taken is forgotten, and must not be lost on the way there.
    run_id = login.person() and way_back.WAYS_BACK.take(way_back.browser(), datetime.now(UTC))
    if run_id and periods_address.KEY not in st.query_params:
        # A field that gets its value before it is first drawn does not write it to the address.
        state.next_address = st.query_params[periods_address.KEY] = run_id


def account() -> None:
    """Draw who is logged in, with the way out; nothing where everything is open."""
    person = login.person()
    if person is None:
        return
    st.caption(f":material/account_circle: {fmt.plain(person.name)}", width="content")
    # Whom a proxy lets in, the proxy alone can log out.
    if login.settings() is not None:
        _way_out("Log out")


def _providers(names: tuple[str, ...]) -> None:
    st.markdown("Log in to see the abandoners of your shop, their segments and their files.")
    for name in names:
        label = f"Log in with {fmt.plain(name.capitalize())}" if name else "Log in"
        if st.button(**primary.look(label, ":material/login:"), key=f"login-{name}", width="stretch"):
            problem = login.begin(name)
            if problem:
                st.error(fmt.plain(problem), title="Login is not set up")


def _turned_away(person: login.Person) -> None:
    unconfirmed = "" if person.confirmed else " Your provider has not confirmed your address."
    st.error(
        f"You are logged in as {fmt.plain(person.email or person.name)}, who has no access here.{unconfirmed} "
        "Ask whoever runs this server, or log in as somebody else.",
        title="No access",
        icon=":material/block:",
    )
    _way_out("Log out")


def _way_out(label: str) -> None:
    """Draw the button; what follows it is not drawn once somebody has left."""
    if st.button(label, type="tertiary", icon=":material/logout:", key="logout"):
        st.logout()
        st.stop()
