"""Sign-in of staff by the ministry's identity provider, by OpenID Connect, if the settings name one."""
