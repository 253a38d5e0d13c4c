"""The door: the login page where the server asks for a login, and who is logged in."""

import streamlit as st

from frontend.components import primary
from frontend.utils import format as fmt
from frontend.utils import login


def is_open() -> bool:
    """Return whether the visitor may see the pages."""
    settings, person = login.settings(), login.person()
    return settings is None or (not settings.problem and person is not None and settings.admits(person))


def show() -> None:
    """Draw the login page."""
    settings, person = login.settings(), login.person()
    with st.container(horizontal_alignment="center"), st.container(border=True, width=460):
        st.title("Cart Recovery Segmenter", anchor=False)
        if settings is None or settings.problem:
            reason = settings.problem if settings else ""
            st.error(f"{fmt.plain(reason)} Whoever runs this server has to mend them.", title="Login is not set up")
        elif person is not None:
            _turned_away(person)
        else:
            _providers(settings.providers)


def account() -> None:
    """Draw who is logged in, with the way out; nothing where everything is open."""
    person = login.person()
    if person is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(f":material/account_circle: {fmt.plain(person.name)}", width="stretch")
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
