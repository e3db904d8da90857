"""What a run takes over from the version in force, and what it reads anew."""

from holbein.renew.renewing import Figures, renew

__all__ = ["Figures", "renew"]
