// Phase sequencer of the chip, synthesisable: what hw_models/chip/sequencer.cpp does, in registers and gates.
//
//     idle -> load -> clamped -> turn -> nudged + -> nudged - -> [turn] -> accumulate -> update -> done
//
// A command is taken at the first rising edge at which `command_ready` is high. Strobes and causes are high for the first half of
// a clock cycle: a register of either edge toggles, and their difference is the pulse, so that no gate races the clock.
`default_nettype none

module phase_sequencer (
    input  wire         clock,
    input  wire         reset,           // asynchronous, active high
    input  wire         analog_fault,

    input  wire [2:0]   command,         // 0 none, 1 load, 2 start, 3 resume, 4 abort
    output wire         command_ready,
    // verilator lint_off UNUSEDSIGNAL
    input  wire [31:0]  program_word,    // PROGRAM, of which the array takes the other bits
    // verilator lint_on UNUSEDSIGNAL
    input  wire [31:0]  ticks,           // clock cycles of an analog phase
    input  wire [31:0]  tail,            // more cycles of a nudged phase

    output reg  [3:0]   phase,
    output reg  [31:0]  tick,            // cycle inside the analog phase, from 0
    output reg          cycle,           // toggles when an analog cycle begins
    output wire         sample,
    output reg  [31:0]  sampled_tick,
    output wire         present,
    output wire         accumulate,
    output wire         update,

    output wire [2:0]   cause,           // of an interrupt: 0 turn, 1 done, 2 fault
    output reg          refused,         // the last command was illegal in its phase
    output reg          fault,
    output reg  [31:0]  fault_tick,
    output wire [287:0] cycles           // 32 bits a phase, idle in the lowest: clock cycles since the last load
);

  localparam [3:0] IDLE = 0, LOAD = 1, CLAMPED = 2, TURN = 3, NUDGED_PLUS = 4, NUDGED_MINUS = 5, ACCUMULATE = 6, UPDATE = 7, DONE = 8;
  localparam [2:0] COMMAND_NONE = 0, COMMAND_LOAD = 1, COMMAND_START = 2, COMMAND_RESUME = 3, COMMAND_ABORT = 4;

  reg turned_again;  // the present turn is the second one of its program

  // What the present phase is.
  wire is_nudged = phase == NUDGED_PLUS || phase == NUDGED_MINUS;
  wire is_analog = phase == CLAMPED || is_nudged;
  wire is_brief  = phase == ACCUMULATE || phase == UPDATE;  // one clock cycle
  wire [31:0] length = phase == CLAMPED ? ticks : ticks + tail;
  wire is_last_cycle = tick + 32'd1 >= length;

  // What happens at the next rising edge; a fault comes first, and leaves a command waiting.
  wire trips = analog_fault && (is_analog || is_brief);
  assign command_ready = !trips;
  wire is_commanded = command_ready && command != COMMAND_NONE;
  wire is_legal = command == COMMAND_LOAD   ? phase == IDLE || phase == DONE
                : command == COMMAND_START  ? phase == LOAD
                : command == COMMAND_RESUME ? phase == TURN
                                            : command == COMMAND_ABORT;
  wire obeys = is_commanded && is_legal;
  wire loads = obeys && command == COMMAND_LOAD;
  wire ends_cycle = is_analog && !trips && !obeys;
  wire enters = trips || obeys || is_brief || (ends_cycle && is_last_cycle);

  // The phase that comes after the present one, those left out that the program does not enable.
  wire may_nudge_plus  = phase == TURN;
  wire may_nudge_minus = may_nudge_plus || phase == NUDGED_PLUS;
  wire may_accumulate  = may_nudge_minus || phase == NUDGED_MINUS;
  wire may_update      = may_accumulate || phase == ACCUMULATE;
  wire runs_beside     = phase == NUDGED_PLUS && program_word[15];  // the twin has made the negative pass already
  wire [3:0] following = phase == CLAMPED                                      ? TURN
                       : may_nudge_plus  && program_word[0]  && !turned_again  ? NUDGED_PLUS
                       : may_nudge_minus && program_word[1]  && !turned_again && !runs_beside ? NUDGED_MINUS
                       : may_accumulate  && program_word[14] && !turned_again  ? TURN
                       : may_accumulate  && program_word[2]                    ? ACCUMULATE
                       : may_update      && program_word[3]                    ? UPDATE
                                                                               : DONE;
  wire [3:0] next = trips                              ? IDLE
                  : obeys && command == COMMAND_LOAD   ? LOAD
                  : obeys && command == COMMAND_START  ? CLAMPED
                  : obeys && command == COMMAND_ABORT  ? IDLE
                                                       : following;

  always @(posedge clock or posedge reset)
    if (reset) begin
      phase        <= IDLE;
      tick         <= 0;
      cycle        <= 0;
      sampled_tick <= 0;
      turned_again <= 0;
      refused      <= 0;
      fault        <= 0;
      fault_tick   <= 0;
    end else begin
      if (is_commanded) refused <= !is_legal;
      if (loads) fault <= 0;
      if (trips) begin
        fault      <= 1;
        fault_tick <= tick;
      end
      if (ends_cycle && phase == CLAMPED) sampled_tick <= tick;
      if (enters) begin
        phase        <= next;
        turned_again <= next == TURN && (phase == TURN || is_nudged);
        if (next == CLAMPED || next == NUDGED_PLUS || next == NUDGED_MINUS) begin
          tick  <= 0;
          cycle <= !cycle;
        end
      end else if (ends_cycle) begin
        tick  <= tick + 32'd1;
        cycle <= !cycle;
      end
    end

  // Strobes: sample, present, accumulate, update, and the three causes.
  wire [6:0] fires = {trips, enters && next == DONE, enters && next == TURN,
                      enters && next == UPDATE, enters && next == ACCUMULATE, loads, ends_cycle && phase == CLAMPED};
  reg [6:0] raised, lowered;
  always @(posedge clock or posedge reset)
    if (reset) raised <= 0;
    else raised <= raised ^ fires;
  always @(negedge clock or posedge reset)
    if (reset) lowered <= 0;
    else lowered <= raised;
  assign {cause, update, accumulate, present, sample} = raised ^ lowered;

  genvar i;
  generate
    for (i = 0; i < 9; i = i + 1) begin : counters
      reg [31:0] count;
      always @(posedge clock or posedge reset)
        if (reset) count <= 0;
        else if (loads) count <= 0;
        else if (phase == i) count <= count + 32'd1;
      assign cycles[32*i +: 32] = count;
    end
  endgenerate

endmodule
`default_nettype wire
