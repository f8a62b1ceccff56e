"""Lines of JSON between guest and host.

The host asks for recipes; while one is loaded the guest may put questions about versions and specs to the host, which
alone knows their rules. Questions block, and are remembered: the same one gets the same answer.
"""

import json
import os
import sys
import threading

_requests = None
_answers = None
_remembered = {}
#: Detection asks from several threads.
_turn = threading.Lock()


def open_channel(log=None):
    """Takes standard input and output for the channel. What recipes print goes to the log, or nowhere."""
    global _requests, _answers
    _requests = os.fdopen(os.dup(0), "r", encoding="utf-8")
    _answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere if log is None else log, 1)
    os.close(nowhere)
    sys.stdin = open(os.devnull, "r")
    sys.stdout = open(1, "w", buffering=1, encoding="utf-8", errors="surrogateescape", closefd=False)


def receive():
    """The next request, or None when the host has closed the channel."""
    line = _requests.readline()
    return json.loads(line) if line else None


def send(message):
    _answers.write(json.dumps(message, separators=(",", ":"), ensure_ascii=False))
    _answers.write("\n")
    _answers.flush()


def ask(question, *arguments, remember=True):
    """The host's answer to a question about specs or versions. Raises ValueError with the host's words."""
    if not remember:
        with _turn:
            send({"ask": question, "arguments": arguments})
            answer = receive()
        return _value(answer)
    message = {"ask": question, "arguments": arguments}
    key = (question,) + arguments if all(isinstance(each, str) for each in arguments) else json.dumps(message)
    with _turn:
        if key not in _remembered:
            send(message)
            _remembered[key] = receive()
        answer = _remembered[key]
    return _value(answer)


def _value(answer):
    if "error" in answer:
        raise ValueError(answer["error"])
    return answer["value"]
