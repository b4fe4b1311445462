#pragma once
// Tasks over several processes. Threads would not do: the SystemC kernel is global, one to a process.

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace tellegen::sweep {

/// What became of a task.
struct Answer {
  std::string text;    ///< that the task returned
  bool died = false;   ///< its process died on it, twice
  std::string reason;  ///< how, with the last line that it said
};

/// What a call of `run_in_workers` is given to do.
struct WorkerJob {
  std::vector<std::size_t> tasks;                              ///< numbers that the task function understands
  unsigned workers = 1;                                        ///< processes
  std::function<std::string(std::size_t)> task;                ///< runs in a worker; must not throw
  std::function<void(std::size_t, const Answer&)> done;        ///< runs here, in the order in which tasks end
  std::function<void(std::size_t, const std::string&)> retry;  ///< runs here: a worker died on the task, which is run once more
  std::function<bool()> stopped;                               ///< asked a few times a second
};

/// Forks workers and hands each one task after another over a pipe; ends when all are done, or when it is told to stop, and leaves no
/// process behind: a worker is killed with its parent, too. Call it before anything global is made (a SystemC kernel, a thread):
/// workers inherit what there is. What workers print is not shown.
/// @returns whether all tasks were done
/// @throws std::system_error no process can be made
bool run_in_workers(const WorkerJob& job);

}  // namespace tellegen::sweep
