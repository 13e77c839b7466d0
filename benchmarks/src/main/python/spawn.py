"""Python's subprocess or asyncio under measurement: spawn.py subprocess|asyncio BARE_SPAWN.

Understands the same lines as bare_spawn.c.
"""

import asyncio
import os
import selectors
import struct
import subprocess
import sys
import threading
import time

CHUNK = bytes(65536)
PIPES = {0: {}, 3: dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)}


def close(process):
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()


class Blocking:
    """The module subprocess; several at a time wait in a thread each."""

    def spawn(self, count, in_flight, pipes):
        lock = threading.Lock()
        left = count

        def run():
            nonlocal left
            while True:
                with lock:
                    if left == 0:
                        return
                    left -= 1
                process = subprocess.Popen(["/bin/true"], **PIPES[pipes])
                process.wait()
                close(process)

        threads = [threading.Thread(target=run) for _ in range(in_flight - 1)]
        for thread in threads:
            thread.start()
        run()
        for thread in threads:
            thread.join()

    def end(self, command):
        subprocess.run(command)
        return time.monotonic_ns()

    def cat(self, count, size):
        cats = [subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) for _ in range(count)]
        begin = time.monotonic_ns()
        left = {}
        echoed = 0
        with selectors.DefaultSelector() as selector:
            for cat in cats:
                for stream, event in ((cat.stdin, selectors.EVENT_WRITE), (cat.stdout, selectors.EVENT_READ)):
                    os.set_blocking(stream.fileno(), False)
                    selector.register(stream, event)
                left[cat.stdin] = size
            while selector.get_map():
                for key, _ in selector.select():
                    stream = key.fileobj
                    if stream in left:
                        left[stream] -= stream.write(CHUNK[: min(len(CHUNK), left[stream])]) or 0
                        if left[stream] == 0:
                            selector.unregister(stream)
                            stream.close()
                    else:
                        data = stream.read(len(CHUNK))
                        if data == b"":
                            selector.unregister(stream)
                            stream.close()
                        elif data:
                            echoed += len(data)
        nanos = time.monotonic_ns() - begin
        for cat in cats:
            cat.wait()
        return nanos, echoed


class Asynchronous:
    """The module asyncio, on one loop."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)

    def spawn(self, count, in_flight, pipes):
        self.loop.run_until_complete(self.spawn_all(count, in_flight, pipes))

    async def spawn_all(self, count, in_flight, pipes):
        left = count

        async def run():
            nonlocal left
            while left > 0:
                left -= 1
                process = await asyncio.create_subprocess_exec("/bin/true", **PIPES[pipes])
                await process.wait()

        await asyncio.gather(*(run() for _ in range(in_flight)))

    def end(self, command):
        async def run():
            process = await asyncio.create_subprocess_exec(*command)
            await process.wait()
            return time.monotonic_ns()

        return self.loop.run_until_complete(run())

    def cat(self, count, size):
        return self.loop.run_until_complete(self.cat_all(count, size))

    async def cat_all(self, count, size):
        cats = [
            await asyncio.create_subprocess_exec("/bin/cat", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            for _ in range(count)
        ]
        begin = time.monotonic_ns()

        async def write(cat):
            for at in range(0, size, len(CHUNK)):
                cat.stdin.write(CHUNK[: min(len(CHUNK), size - at)])
                await cat.stdin.drain()
            cat.stdin.close()

        async def read(cat):
            total = 0
            while data := await cat.stdout.read(len(CHUNK)):
                total += len(data)
            return total

        results = await asyncio.gather(*(read(cat) for cat in cats), *(write(cat) for cat in cats))
        nanos = time.monotonic_ns() - begin
        for cat in cats:
            await cat.wait()
        return nanos, sum(results[:count])


def processor_us():
    times = os.times()
    return int((times.user + times.system) * 1e6)


def main():
    library = Asynchronous() if sys.argv[1] == "asyncio" else Blocking()
    print("ready", flush=True)
    for line in sys.stdin:
        words = line.split()
        numbers = [int(word) for word in words[1:] if word.isdigit()]
        begin_us = processor_us()
        if words[0] == "spawn":
            begin = time.monotonic_ns()
            library.spawn(*numbers)
            print(time.monotonic_ns() - begin, processor_us() - begin_us, flush=True)
        elif words[0] == "latency":
            latencies = []
            for _ in range(numbers[0]):
                heard = library.end([sys.argv[2], "end", words[2]])
                with open(words[2], "rb") as file:
                    latencies.append(heard - struct.unpack("q", file.read(8))[0])
            print(*latencies, flush=True)
        elif words[0] == "cat":
            size = numbers[1] << 20
            nanos, echoed = library.cat(numbers[0], size)
            if echoed != numbers[0] * size:
                sys.exit(f"{echoed} bytes came back")
            print(nanos, processor_us() - begin_us, flush=True)


main()
